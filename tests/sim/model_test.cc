#include "tests/sim/model.h"

#include <catch2/catch.hpp>

namespace model_test {
using namespace mla;
using mla::sim::Model;

namespace {

const Model::Object kObject{"o", {"T"}};

Model::Contract contract(ContractKind kind, int exchange, std::int32_t priority = 0, std::uint32_t capacity = 1) {
  return {kind, by_tag(kind) ? "T" : "o", priority, capacity, exchange};
}

}  // namespace

TEST_CASE("The model: an object lives when it is observed, or exposed and asked for by tag") {
  Model model;
  const auto live = [&] { return model.expect(kObject, {0, 1}).live; };
  CHECK_FALSE(live());
  model.open(1, contract(ContractKind::tag_observe, 0));
  CHECK_FALSE(live());
  model.open(2, contract(ContractKind::tag_expose, 1));
  CHECK_FALSE(live());
  model.open(3, contract(ContractKind::object_expose, 1));
  CHECK(live());
  CHECK_FALSE(model.expect(kObject, {0}).live);
  CHECK_FALSE(model.expect({"o", {}}, {0, 1}).live);
  model.drop(3);
  CHECK_FALSE(live());
  model.open(4, contract(ContractKind::object_observe, 1));
  CHECK(live());
  model.exchange_gone(1);
  CHECK_FALSE(live());
}

TEST_CASE("The model: the highest priority with capacity writes, and without capacity nobody must") {
  Model model;
  model.open(1, contract(ContractKind::object_observe, 0));
  model.open(2, contract(ContractKind::object_expose, 0, 1));
  model.open(3, contract(ContractKind::tag_expose, 1, 2));
  model.open(4, contract(ContractKind::object_expose, 1, 3, 0));
  CHECK(model.expect(kObject, {0, 1}).may_write == std::set<Model::Id>{3});
  CHECK(model.expect(kObject, {0}).may_write == std::set<Model::Id>{2});
  model.set_capacity(2, 0);
  model.drop(3);
  const auto e = model.expect(kObject, {0, 1});
  CHECK_FALSE(e.must_write);
  CHECK(e.may_write == std::set<Model::Id>{2, 4});
}

TEST_CASE("The model: every observer has the last word of who is elected, and its standing follows") {
  Model model;
  model.open(1, contract(ContractKind::object_observe, 0));
  model.open(2, contract(ContractKind::tag_observe, 0));
  model.open(3, contract(ContractKind::object_expose, 1));
  model.elected(3, 7, "o");
  model.accepted(1, 7, "first");
  model.accepted(1, 7, "last");
  auto e = model.expect(kObject, {0, 1});
  CHECK(e.writers == std::vector<Model::Id>{3});
  CHECK(e.data == "last");
  CHECK(e.observers == std::vector<Model::Id>{1, 2});
  CHECK(model.standing(e, 1, true) == StandingKind::synchronized);
  model.withdrawn(1, 7);
  model.drop(3);
  e = model.expect(kObject, {0, 1});
  CHECK(e.writers.empty());
  CHECK(model.standing(e, 1, true) == StandingKind::stale);
  CHECK(model.standing(e, 1, false) == StandingKind::unexposed);
  CHECK_FALSE(model.standing(e, 2, false));
}

}  // namespace model_test
