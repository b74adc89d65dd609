// What a state costs through the C interface and through C++, from a sink to a stream of the same object in one process and on one
// thread: made from 100 bytes, sent, taken and looked at. The two take turns, a thousand states at a time, so that both meet the
// same machine.
//   c_bench [TURNS]
#include <mla.h>
#include <mla/mla.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr int kStates = 1000;  // in a turn
std::byte data[100];
std::uint64_t seen = 0;

void need(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "%s: %s\n", what, mla_error_message());
  std::exit(1);
}

class Cpp {
 public:
  Cpp() {
    sink_ = *exposing_.next_for(10s);
    sink_->send(mla::State::bytes({data, data + sizeof data}, {"BENCH"}));
    stream_ = *observing_.next_for(10s);
    need(static_cast<bool>(stream_->next_for(10s)), "a first state");
    exchange_.info();  // the engine is through with all that
  }
  void turn() {
    for (int i = 0; i < kStates; ++i) {
      sink_->send(mla::State::bytes({data, data + sizeof data}, {"BENCH"}));
      if (auto state = stream_->try_next()) seen += state->data().size();
    }
  }

 private:
  mla::Exchange exchange_;
  mla::ObjectDescriptor object_{{"bench"}, "c++"};
  mla::ObserveContract observing_ = exchange_.object_observe_contract(object_).build();
  mla::ExposeContract exposing_ = exchange_.object_expose_contract(object_).build();
  std::optional<mla::StateSink> sink_;
  std::optional<mla::StateStream> stream_;
};

class C {
 public:
  C() {
    const char* const tag = "\"bench\"";
    mla_contract observing, exposing;
    need(mla_exchange_new({0}, nullptr, &exchange_) == MLA_OK, "an exchange");
    need(mla_contract_new(exchange_, MLA_OBJECT_OBSERVE, &tag, 1, "\"c\"", nullptr, &observing) == MLA_OK, "observing");
    need(mla_contract_new(exchange_, MLA_OBJECT_EXPOSE, &tag, 1, "\"c\"", nullptr, &exposing) == MLA_OK, "exposing");
    mla_event event{};
    event.size = sizeof event;
    need(mla_contract_next_event(exposing, 10'000'000'000, &event) == MLA_OK, "an election");
    sink_ = event.sink;
    send();
    need(mla_contract_next_stream(observing, 10'000'000'000, &stream_) == MLA_OK, "a stream");
    take(10'000'000'000);
  }
  ~C() { mla_exchange_free(exchange_); }
  void turn() {
    for (int i = 0; i < kStates; ++i) {
      send();
      take(0);
    }
  }

 private:
  void send() {
    static const char* const kFormat = "BENCH";
    mla_sink_send(sink_, data, sizeof data, &kFormat, 1, nullptr, 0, nullptr);
  }
  void take(std::int64_t limit) {
    mla_state state;
    if (mla_stream_next(stream_, limit, &state) != MLA_OK) return;
    mla_state_view view;
    view.size = sizeof view;
    mla_state_get(state, &view);
    seen += view.data_size;
    mla_state_free(state);
  }
  mla_exchange exchange_{};
  mla_sink sink_{};
  mla_stream stream_{};
};

template <class T>
double measure(T& what) {
  const auto start = Clock::now();
  what.turn();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / kStates;
}

}  // namespace

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::atoi(argv[1]) : 1000;
  Cpp cpp;
  C c;
  measure(cpp);
  measure(c);
  seen = 0;
  std::vector<double> by_cpp, by_c;
  for (int i = 0; i < turns; ++i) {
    by_cpp.push_back(measure(cpp));
    by_c.push_back(measure(c));
  }
  const auto at = [](std::vector<double>& v, double share) {
    std::sort(v.begin(), v.end());
    return v[static_cast<std::size_t>(share * static_cast<double>(v.size() - 1))];
  };
  std::printf("a state through C++: p50 %.0f ns, p90 %.0f; through C: p50 %.0f, p90 %.0f; C costs %.0f ns more; %llu of %d states were taken\n",
              at(by_cpp, 0.5), at(by_cpp, 0.9), at(by_c, 0.5), at(by_c, 0.9), at(by_c, 0.5) - at(by_cpp, 0.5),
              static_cast<unsigned long long>(seen / sizeof data), 2 * turns * kStates);
  return 0;
}
