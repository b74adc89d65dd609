#include "exchange/runtime/callback_queue.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "exchange/runtime/runtime_core.h"

namespace mla::runtime {
namespace {
using namespace std::chrono_literals;
}

TEST_CASE("runtime: notifications while one is outstanding make one call") {
  auto queue = std::make_shared<CallbackQueue>(std::make_shared<RuntimeCore>(1));
  auto blocked = std::make_shared<CallbackSlot>(), counted = std::make_shared<CallbackSlot>();
  std::promise<void> entered, go;
  std::atomic<int> calls{0};
  queue->set(*blocked, [&] {
    entered.set_value();
    go.get_future().wait();
  });
  queue->set(*counted, [&] { ++calls; });
  queue->notify(blocked);
  REQUIRE(entered.get_future().wait_for(20s) == std::future_status::ready);
  for (int i = 0; i < 100; ++i) queue->notify(counted);
  CHECK(calls == 0);
  go.set_value();
  queue->close();
  CHECK(calls == 1);
}

TEST_CASE("runtime: after close nothing is called") {
  auto queue = std::make_shared<CallbackQueue>(std::make_shared<RuntimeCore>(1));
  auto slot = std::make_shared<CallbackSlot>();
  std::atomic<int> calls{0};
  queue->set(*slot, [&] { ++calls; });
  queue->close();
  queue->notify(slot);
  queue->close();
  CHECK(calls == 0);
}

TEST_CASE("runtime: taking a function back waits for its call, unless made inside it") {
  auto queue = std::make_shared<CallbackQueue>(std::make_shared<RuntimeCore>(1));
  auto slot = std::make_shared<CallbackSlot>();
  std::promise<void> entered;
  std::atomic<bool> left{false};
  queue->set(*slot, [&] {
    CHECK(queue->on_this_thread());
    queue->set(*slot, {});
    entered.set_value();
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    left = true;
  });
  CHECK_FALSE(queue->on_this_thread());
  queue->notify(slot);
  REQUIRE(entered.get_future().wait_for(20s) == std::future_status::ready);
  queue->set(*slot, {});
  CHECK(left);
  queue->close();
}

TEST_CASE("runtime: a queue closed inside its own call lets the runtime go there") {
  auto queue = std::make_shared<CallbackQueue>(std::make_shared<RuntimeCore>(2));
  auto slot = std::make_shared<CallbackSlot>();
  std::promise<void> done;
  queue->set(*slot, [&] {
    queue->close();
    done.set_value();
  });
  queue->notify(slot);
  CHECK(done.get_future().wait_for(20s) == std::future_status::ready);
}

}  // namespace mla::runtime
