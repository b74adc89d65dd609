#pragma once
#include <string>

#include "router/varz.h"

namespace mla::router {

/// The numbers of /varz in Prometheus' text format. Links are summed by role: a series per link would be a
/// new series for each one that comes, and there may be ten thousand.
std::string to_metrics(const Varz& varz);

}  // namespace mla::router
