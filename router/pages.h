#pragma once
#include "exchange/http/admin_server.h"

namespace mla::router {

/// The dashboard, from bytes in the program: `/` and what it loads, the JavaScript client at /mla-exchange.js
/// among it. Its live data come over its own link.
void add_pages(http::Routes& routes);

}  // namespace mla::router
