// What a user's first program does: two exchanges below a router, one exposes, the other observes. usage: consumer URL
#include <mla/mla.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  mla::Exchange exposer, observer;
  mla::WebsocketConnector below(exposer, argv[1]), beside(observer, argv[1]);
  auto exposing = exposer.tag_expose_contract("consumer").build();
  exposing.on_ready([&] {
    while (auto sink = exposing.try_next()) sink->send(mla::State::json("42"));
  });
  auto observing = observer.object_observe_contract({{"consumer"}, "answer"}).build();
  auto stream = observing.next();
  auto state = stream->next();
  std::cout << "consumer: " << state->text() << std::endl;
  return 0;
}
