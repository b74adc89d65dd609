#include <utility>

#include "exchange/http/admin_server.h"

namespace mla::http {

Routes default_routes(std::function<void(std::function<void(std::string json)>)> varz) {
  Routes routes;
  routes["/healthz"] = [](const Request&, const Respond& respond) {
    respond({200, "text/plain; charset=utf-8", "ok\n"});
  };
  routes["/varz"] = [varz = std::move(varz)](const Request&, Respond respond) {
    varz([respond = std::move(respond)](std::string json) {
      respond({200, "application/json", std::move(json)});
    });
  };
  return routes;
}

}  // namespace mla::http
