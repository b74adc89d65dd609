#include "exchange/codec/traffic.h"

namespace mla::codec {
namespace {

struct Name {
  std::string_view operator()(const Hello&) const { return "hello"; }
  std::string_view operator()(const Welcome&) const { return "welcome"; }
  std::string_view operator()(const Close&) const { return "close"; }
  std::string_view operator()(const Ping&) const { return "ping"; }
  std::string_view operator()(const Pong&) const { return "pong"; }
  std::string_view operator()(const Path&) const { return "path"; }
  std::string_view operator()(const DefineObject&) const { return "define_object"; }
  std::string_view operator()(const Release&) const { return "release"; }
  std::string_view operator()(const Tag&) const { return "tag"; }
  std::string_view operator()(const Interest&) const { return "interest"; }
  std::string_view operator()(const Giveup&) const { return "giveup"; }
  std::string_view operator()(const Started&) const { return "started"; }
  std::string_view operator()(const Assign&) const { return "assign"; }
  std::string_view operator()(const Want&) const { return "want"; }
  std::string_view operator()(const Floor&) const { return "floor"; }
  std::string_view operator()(const Withdraw&) const { return "withdraw"; }
  std::string_view operator()(const End&) const { return "end"; }
  std::string_view operator()(const Pull&) const { return "pull"; }
  std::string_view operator()(const StandingTold&) const { return "standing"; }
  std::string_view operator()(const StateFrame&) const { return "state"; }
  std::string_view operator()(const Part&) const { return "part"; }
  std::string_view operator()(const Fresh&) const { return "fresh"; }
  std::string_view operator()(const Need&) const { return "need"; }
  std::string_view operator()(const Confirmed&) const { return "confirmed"; }
};

template <std::size_t... kKinds>
constexpr std::array<std::string_view (*)(), kFrameKinds> names_of(std::index_sequence<kKinds...>) {
  return {[] { return Name{}(std::variant_alternative_t<kKinds, Frame>{}); }...};
}

}  // namespace

std::string_view kind_name(std::size_t kind) {
  static constexpr auto kNames = names_of(std::make_index_sequence<kFrameKinds>());
  return kind < kFrameKinds ? kNames[kind]() : "unknown";
}

}  // namespace mla::codec
