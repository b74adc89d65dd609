#include "contracts/machines/tickets.h"

#include <catch2/catch.hpp>

#include "contracts/machines/expose_machine.h"
#include "tests/unit/machines/make.h"

namespace mla::machines {
namespace {

using Answer = Tickets::Answer;
using Kind = ExposeMachine::Event::Kind;

/// Sent, fetched and published under the version that was answered.
void publish(Tickets& tickets, const Version& version) {
  tickets.sent(version, false);
  tickets.fetched();
  tickets.published(version);
}

}  // namespace

TEST_CASE("machines: a version is confirmed when it, or a newer one, is") {
  Tickets tickets;
  CHECK(tickets.ask({1, 0}) == Answer::unknown);
  publish(tickets, {1, 0});
  publish(tickets, {1, 1});
  publish(tickets, {1, 2});
  CHECK(tickets.ask({1, 0}) == Answer::waiting);
  CHECK(tickets.confirmed({1, 1}, 3));
  CHECK(tickets.ask({1, 0}) == Answer::confirmed);
  CHECK(tickets.ask({1, 1}) == Answer::confirmed);
  CHECK(tickets.ask({1, 2}) == Answer::waiting);
  CHECK(tickets.ask({1, 3}) == Answer::unknown);
  CHECK(tickets.observers() == 3);
}

TEST_CASE("machines: what is confirmed is the publication, not the number that send answered") {
  Tickets tickets;
  publish(tickets, {1, 0});
  tickets.published_again({1, 7});  // another exposer's floor became known
  tickets.sent({1, 1}, false);      // answered before that was known here
  CHECK(tickets.confirmed({1, 7}, 2));
  CHECK(tickets.ask({1, 0}) == Answer::confirmed);
  CHECK(tickets.ask({1, 1}) == Answer::waiting);
  tickets.fetched();
  CHECK_FALSE(tickets.confirmed({1, 7}, 2));
  tickets.published({1, 8});
  CHECK(tickets.ask({1, 1}) == Answer::waiting);
  CHECK(tickets.confirmed({1, 8}, 2));
  CHECK(tickets.ask({1, 1}) == Answer::confirmed);
  CHECK(*tickets.newest() == Version{1, 1});
}

TEST_CASE("machines: states that were conflated before they left share a ticket") {
  Tickets tickets;
  tickets.sent({1, 0}, false);
  tickets.sent({1, 1}, true);
  tickets.sent({1, 2}, true);
  CHECK(tickets.waiting() == 1);
  tickets.fetched();
  tickets.sent({1, 3}, false);  // while the one before is on its way
  tickets.published({1, 2});
  CHECK(tickets.confirmed({1, 2}, 1));
  CHECK(tickets.ask({1, 0}) == Answer::confirmed);
  CHECK(tickets.ask({1, 3}) == Answer::waiting);
}

TEST_CASE("machines: a state behind what others hold is never confirmed, until a newer one is") {
  Tickets tickets;
  publish(tickets, {5});
  tickets.stale({5});  // what a send that was refused is told: no more than this one itself
  CHECK(tickets.ask({5}) == Answer::waiting);
  tickets.stale({6});
  CHECK(tickets.ask({5}) == Answer::stale);
  tickets.sent({6}, false);
  tickets.fetched();
  tickets.refused();
  CHECK(tickets.ask({6}) == Answer::stale);
  publish(tickets, {9});
  CHECK(tickets.ask({5}) == Answer::waiting);
  CHECK(tickets.confirmed({9}, 1));
  CHECK(tickets.ask({5}) == Answer::confirmed);
}

TEST_CASE("machines: any number of unconfirmed states takes a bounded number of tickets, and none is confirmed early (P13)") {
  Tickets tickets;
  for (std::int64_t n = 1; n <= 1000; ++n) {
    publish(tickets, {n});
    REQUIRE(tickets.waiting() <= Tickets::kMost);
    REQUIRE(tickets.ask({n}) == Answer::waiting);
  }
  for (std::int64_t n = 1; n <= 1000; ++n) {
    tickets.confirmed({n}, 1);
    if (n < 1000) REQUIRE(tickets.ask({n + 1}) == Answer::waiting);
  }
  CHECK(tickets.ask({1000}) == Answer::confirmed);
  CHECK(tickets.waiting() == 0);
}

TEST_CASE("machines: a number of observers that changed is news, one that did not is none") {
  Tickets tickets;
  CHECK_FALSE(tickets.confirmed({1}, 1));  // before anything was sent
  CHECK_FALSE(tickets.observers());
  publish(tickets, {2});
  CHECK(tickets.confirmed({2}, 1));
  CHECK_FALSE(tickets.confirmed({2}, 1));
  CHECK(tickets.confirmed({2}, 3));
  CHECK(tickets.observers() == 3);
}

TEST_CASE("machines: a confirmation is told after its election and before its withdrawal, the newest only") {
  const ObjectPtr a = object("a");
  const auto sink = [&] { return std::make_shared<SinkMachine>(a, Epoch{1, {}}, Version{}, std::nullopt); };
  ExposeMachine machine;
  machine.elected(SinkId{1}, sink());
  CHECK(machine.confirmed(SinkId{1}, {1, 0}, 1));
  CHECK(machine.confirmed(SinkId{1}, {1, 1}, 4));
  CHECK(machine.next_event()->kind == Kind::elected);
  const auto told = machine.next_event();
  CHECK((told->kind == Kind::confirmed && told->version == Version{1, 1} && told->observers == 4));
  CHECK_FALSE(machine.next_event());

  CHECK(machine.confirmed(SinkId{1}, {1, 2}, 4));
  machine.withdrawn(SinkId{1}, EndReason::handed_over);
  CHECK_FALSE(machine.confirmed(SinkId{1}, {1, 3}, 4));
  machine.elected(SinkId{2}, sink());
  CHECK(machine.next_event()->version == Version{1, 2});
  CHECK(machine.next_event()->kind == Kind::withdrawn);
  CHECK(machine.next_event()->kind == Kind::elected);
  CHECK_FALSE(machine.next_event());

  machine.elected(SinkId{3}, sink());
  machine.confirmed(SinkId{3}, {1, 4}, 1);
  machine.withdrawn(SinkId{3}, EndReason::handed_over);  // nobody was told of its election
  auto next = machine.next_event();
  while (next && next->id != SinkId{3}) next = machine.next_event();
  CHECK_FALSE(next);
}

TEST_CASE("machines: a sink keeps tickets only when it was asked to") {
  const ObjectPtr a = object("a");
  SinkMachine plain(a, Epoch{1, {}}, {}, {});
  CHECK_FALSE(plain.tickets());
  CHECK_FALSE(plain.confirmed({1, 0}, 1));

  SinkMachine asked(a, Epoch{1, {}}, {}, {}, SinkMachine::Confirmation::asked);
  const Version first = asked.send(State::text("x")).version;
  const Version second = asked.send(State::text("y")).version;
  REQUIRE(asked.fetch());
  asked.published(SendAnswer::accepted, {1, 9});
  CHECK(asked.tickets()->ask(first) == Answer::waiting);
  CHECK(asked.confirmed({1, 9}, 2));
  CHECK(asked.tickets()->ask(second) == Answer::confirmed);
  CHECK(asked.send(State::text("z")).version == Version{1, 10});
}

}  // namespace mla::machines
