#pragma once

/// Everything a C++ program needs to share live objects.
#include <mla/connector.h>
#include <mla/contract.h>
#include <mla/descriptor.h>
#include <mla/error.h>
#include <mla/exchange.h>
#include <mla/info.h>
#include <mla/json.h>
#include <mla/limits.h>
#include <mla/link_event.h>
#include <mla/listener.h>
#include <mla/result.h>
#include <mla/runtime.h>
#include <mla/sink.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/stream.h>
#include <mla/version.h>
#include <mla/wait.h>
