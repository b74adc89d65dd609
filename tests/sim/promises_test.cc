#include <catch2/catch.hpp>

#include "contracts/machines/observe_machine.h"
#include "exchange/codec/codec.h"
#include "tests/sim/net.h"

namespace promises_test {
using namespace mla;
using namespace mla::sim;
using std::chrono::milliseconds;
using std::chrono::seconds;

// One promise each, in the smallest tree that can show it.
namespace {

const ObjectDescriptor kObject({}, Json("a"));

ContractId observe(Net& net, int node) { return net.open(node, ContractKind::object_observe, kObject, {}); }
ContractId expose(Net& net, int node, ContractOptions options = {}) {
  return net.open(node, ContractKind::object_expose, kObject, {}, options);
}
const State& seen(Net& net, int node) { return net[node].seen[kObject.canonical()]; }

}  // namespace

TEST_CASE("P1: ages add up along the links, whatever the clocks say") {
  Net net(4);  // 0 exposes; 1 below it, 2 below 1, 3 below 2
  net.link(1, 0);
  expose(net, 0);
  observe(net, 1);
  net.pass(seconds(1));
  REQUIRE(seen(net, 1).synchronized());
  net.cut(1, 0);
  net.pass(seconds(3));
  net.link(2, 1);
  observe(net, 2);
  CHECK(seen(net, 2).age() == seconds(3));
  net.cut(2, 1);
  net.pass(seconds(4));
  net.link(3, 2);
  observe(net, 3);
  CHECK_FALSE(seen(net, 3).synchronized());
  CHECK(seen(net, 3).age() == seconds(7));
}

TEST_CASE("P4: a large state under way is finished, and the newest follows whole") {
  Limits limits;
  limits.chunk_bytes = 2000;
  Net net(2, limits);
  net.link(1, 0);
  expose(net, 0);
  observe(net, 1);
  const LinkId down = net.link_of(0, 1);
  net.stall(0, 1);
  net.publish(0, std::string(9000, 'a'));
  net.feed(0, engine::LinkWritable{down, 2500});  // room for the first pieces
  net.publish(0, std::string(9500, 'b'));
  net.publish(0, std::string(9700, 'c'));
  net.resume(0, 1);
  REQUIRE(net[1].arrived.size() == 3);
  CHECK(net[1].arrived[1].text() == std::string(9000, 'a'));
  CHECK(net[1].arrived[2].text() == std::string(9700, 'c'));
}

TEST_CASE("P4: a state of one who was never asked to write is not taken") {
  Net net(1);
  observe(net, 0);
  expose(net, 0);
  const LinkId link{900};
  const NodeId id{77};
  const auto say = [&](std::initializer_list<codec::Frame> frames) {
    std::vector<std::byte> message;
    for (const auto& f : frames) codec::encode(f, message);
    net.command(0, engine::LinkFrames{link, message});
  };
  net.command(0, engine::LinkUp{link, engine::LinkRole::child, 1 << 20, {}, {}});
  say({codec::Hello{.node = id, .connection = 1, .heartbeat_ms = 10000, .path = {id}},
       codec::DefineObject{{1}, kObject.canonical()}});
  const auto before = net[0].arrived.size();
  codec::StateFrame state{.handle = {1}, .epoch = {50, id}, .version = {50, 0}, .nth = 1, .format = {"TEXT"}};
  state.body.resize(3);
  say({state});
  CHECK(net[0].closed.empty());
  for (std::size_t i = before; i < net[0].arrived.size(); ++i) CHECK(net[0].arrived[i].text() == "n0");
}

TEST_CASE("P1: interest that ceased and came back on a stalled link brings the state again") {
  Net net(2);
  net.link(1, 0);
  expose(net, 0);
  const auto id = observe(net, 1);
  net.stall(1, 0);
  net.command(1, engine::DropContract{id});
  net[1].seen.clear();
  observe(net, 1);
  net.resume(1, 0);
  REQUIRE(net[1].seen.size() == 1);
  CHECK(seen(net, 1).synchronized());
}

TEST_CASE("P1: a state that comes after the interest it was an answer to does not stay fresh") {
  Net net(2);
  net.link(1, 0);
  const ContractId exposer = expose(net, 0), first = observe(net, 1);
  REQUIRE(seen(net, 1).synchronized());
  // Each acts before it hears of the other.
  net.feed(0, engine::Publish{.sink = net[0].sinks.begin()->first, .payload = Net::payload("last"), .version = {}});
  net.feed(1, engine::DropContract{first});
  net.feed(1, engine::OpenContract{ContractId{1000}, ContractKind::object_observe,
                                   std::make_shared<const ObjectDescriptor>(kObject), {}, {}});
  net.feed(0, engine::DropContract{exposer});
  net.settle();
  CHECK(seen(net, 1).text() == "last");
  CHECK_FALSE(seen(net, 1).synchronized());
}

TEST_CASE("P10: those who have an object by tag are told when it is gone") {
  Net net(2);
  net.link(1, 0);
  const TagDescriptor tag{"T"};
  net.open(1, ContractKind::tag_observe, kObject, tag);
  const auto id = net.open(0, ContractKind::object_expose, ObjectDescriptor({tag}, Json("b")), {});
  REQUIRE(net[1].arrived.size() == 1);
  net.command(0, engine::DropContract{id});
  CHECK(net[1].ended == 1);
  CHECK(net[1].engine->info().objects == 0);
}

TEST_CASE("P3: a stalled link holds one state per object, then brings the newest and says what it skipped") {
  Net net(2);
  net.link(1, 0);
  expose(net, 0);
  observe(net, 1);
  REQUIRE(net[1].arrived.size() == 1);
  net.stall(0, 1);
  for (int i = 0; i < 100; ++i) net.publish(0, "state " + std::to_string(i));
  const auto waiting = net.link_info(0, net.link_of(0, 1));
  CHECK(waiting.pending_objects == 1);
  CHECK(waiting.queued_bytes == 0);
  net.resume(0, 1);
  REQUIRE(net[1].arrived.size() == 2);
  CHECK(net[1].arrived[1].text() == "state 99");

  machines::ObserveMachine reader;
  const auto object = std::make_shared<const ObjectDescriptor>(kObject);
  std::uint64_t skipped = 0;
  for (const auto& state : net[1].arrived) {
    reader.state_arrived(net.now(), object, State(state));
    const auto event = reader.next_event(net.now());
    REQUIRE(event);
    skipped = event->state.skipped();
    CHECK(event->state.skipped_exact());
  }
  CHECK(skipped == 99);
}

TEST_CASE("P3: what a producer conflated itself counts as skipped") {
  Net net(2);
  net.link(1, 0);
  expose(net, 0);
  observe(net, 1);
  net.publish(0, "five at once", 5);
  REQUIRE(net[1].arrived.size() == 2);
  CHECK(net[1].arrived[1].nth() - net[1].arrived[0].nth() == 5);
}

TEST_CASE("P5: an exposer that falls silent is replaced within three heartbeats and a second") {
  Limits limits;
  limits.heartbeat = milliseconds(1000);
  Net net(4, limits);  // 0 root, 1 observes, 2 and 3 can expose
  for (int i : {1, 2, 3}) net.link(i, 0);
  observe(net, 1);
  expose(net, 2);
  expose(net, 3);
  net.pass(seconds(5));
  const int writer = net[2].sinks.empty() ? 3 : 2;
  net[writer].mute = true;
  const auto before = seen(net, 1).epoch();
  net.pass(milliseconds(3 * 1000 + 1000));
  CHECK(seen(net, 1).epoch() > before);
  CHECK(seen(net, 1).synchronized());
  CHECK(net[5 - writer].sinks.size() == 1);
}

TEST_CASE("P7: a state is sent up only while somebody outside its subtree observes it") {
  Net net(3);  // 0 root, 1 and 2 below it
  net.link(1, 0);
  net.link(2, 0);
  expose(net, 1);
  observe(net, 1);
  net.pass(seconds(1));
  const auto sent = [&] { return net.link_info(1, net.link_of(1, 0)).states_out; };
  net.publish(1, "for those at home");
  CHECK(sent() == 0);
  const auto id = observe(net, 2);
  net.publish(1, "for all");
  CHECK(seen(net, 2).text() == "for all");
  CHECK(sent() >= 1);
  net.command(2, engine::DropContract{id});
  const auto then = sent();
  net.publish(1, "at home again");
  CHECK(sent() == then);
}

TEST_CASE("P1: a default version proposed before another root's was heard of is not taken for that one's") {
  Net net(3);  // 0 root, 1 below it; 2 is a root by itself
  net.link(1, 0);
  net[1].publishes = false;
  expose(net, 1, {.priority = 1});
  observe(net, 0);
  observe(net, 2);
  expose(net, 2);
  REQUIRE(net[1].sinks.size() == 1);
  const Version theirs = seen(net, 2).version();
  net.link(2, 0);
  // Its user code has not heard of that yet.
  net.feed(1, engine::Publish{net[1].sinks.begin()->first, Net::payload("late"), theirs, false});
  net.pass(seconds(5));
  for (int node : {0, 2}) {
    CHECK(seen(net, node).text() == "late");
    CHECK(seen(net, node).version() > theirs);
    CHECK(seen(net, node).synchronized());
  }
}

TEST_CASE("P1: a default version proposed in a term that is over by then is none of another root's of that time") {
  Net net(3);  // 0 root, 1 below it; 2 is a root by itself
  net.link(1, 0);
  net[1].publishes = net[2].publishes = false;
  expose(net, 1, {.priority = 1});
  observe(net, 0);
  observe(net, 2);
  expose(net, 2);
  REQUIRE(net[1].sinks.size() == 1);
  REQUIRE(net[2].sinks.size() == 1);
  net.link(2, 0);  // now 1 has a newer term, and 2 goes on until that has sent
  const Version proposed{1, 0};
  net.feed(2, engine::Publish{net[2].sinks.begin()->first, Net::payload("theirs"), proposed, false});
  net.settle();
  REQUIRE(seen(net, 2).text() == "theirs");
  REQUIRE(seen(net, 2).version() == proposed);
  net.feed(1, engine::Publish{net[1].sinks.begin()->first, Net::payload("late"), proposed, false});
  net.pass(seconds(5));
  for (int node : {0, 2}) {
    CHECK(seen(net, node).text() == "late");
    CHECK(seen(net, node).version() > proposed);
    CHECK(seen(net, node).synchronized());
  }
}

TEST_CASE("P1: a state that comes back from below is offered further up, though its term and version have been heard of") {
  Net net(4);  // 0 root, 1 below it, 2 below 1; 3 is a root by itself and holds a state that nobody writes any more
  net.link(1, 0);
  net.link(2, 1);
  net[1].publishes = false;
  const ContractId silent = expose(net, 1);
  observe(net, 3);
  const ContractId gone = expose(net, 3);
  net.publish(3, "the last word");
  net.command(3, engine::DropContract{gone});
  net.link(3, 0);  // 1 is asked to produce, above what is heard of; and 3 goes before anybody wants what it holds
  REQUIRE(net[1].sinks.size() == 1);
  net.cut(3, 0);
  observe(net, 0);
  observe(net, 2);
  net.command(1, engine::DropContract{silent});
  REQUIRE(net[0].arrived.empty());
  net.link(3, 2);
  for (int node : {0, 2}) {
    REQUIRE(net[node].arrived.size() == 1);
    CHECK(seen(net, node).text() == "the last word");
  }
}

TEST_CASE("P1: a state that was under way when a newer one was sent does not tell how fresh that one is") {
  const ObjectDescriptor tagged({TagDescriptor(Json("T"))}, Json("a"));
  Net net(2);
  net.link(1, 0);
  const auto open = [&](int node, ContractKind kind) { return net.open(node, kind, tagged, {}); };
  open(0, ContractKind::object_observe);
  net.open(1, ContractKind::tag_observe, {}, {"T"});
  const ContractId also = open(1, ContractKind::object_observe), gone = open(1, ContractKind::object_expose);
  net.cut(1, 0);
  net.publish(1, "alone");
  net.command(1, engine::DropContract{gone});
  const auto carried = net.frames<codec::StateFrame>();
  net.begin_link(1, 0);
  net.deliver_until([&] { return net.frames<codec::Pull>() > 0; });
  net.feed(1, engine::DropContract{also});
  net.deliver_until([&] { return net.frames<codec::StateFrame>() > carried; });  // it is on its way, as 0 has asked for it
  REQUIRE(net.frames<codec::StateFrame>() == carried + 1);
  REQUIRE(net.deliver());  // that 1 observes by tag only
  const ContractId short_lived = net.begin_open(0, ContractKind::object_expose, tagged, {});
  net.settle();
  const auto at_1 = [&]() -> const State& { return net[1].seen[tagged.canonical()]; };
  REQUIRE(at_1().text() == "n0");
  REQUIRE(at_1().synchronized());
  net.command(0, engine::DropContract{short_lived});
  CHECK_FALSE(at_1().synchronized());
}

TEST_CASE("P1: what cannot be had from below any more is not asked for again and again") {
  Net net(4);  // a chain, 0 its root
  for (int node = 1; node < 4; ++node) net.link(node, node - 1);
  for (int node : {0, 2, 3}) observe(net, node);
  const ContractId gone = expose(net, 3);
  net.cut(3, 2);
  net.publish(3, "alone");
  net.command(3, engine::DropContract{gone});
  const auto before = net.frames<codec::Pull>();
  net.begin_link(3, 2);
  net.deliver_until([&] { return net.frames<codec::Pull>() > before; });
  net.stall(3, 2);
  net.settle();
  REQUIRE(net.frames<codec::Pull>() == before + 3);  // by each from the one below it
  net.begin_cut(3, 2);                               // before 3 has answered
  int messages = 0;
  while (messages < 1000 && net.deliver()) ++messages;
  CHECK(messages < 100);
  CHECK(net.frames<codec::Pull>() < before + 10);
}

TEST_CASE("P1: who begins to observe by tag is given what it once had and has let go of") {
  const ObjectDescriptor tagged({TagDescriptor(Json("T"))}, Json("a"));
  Net net(2);
  net.link(1, 0);
  net.open(0, ContractKind::object_observe, tagged, {});
  net.open(1, ContractKind::object_expose, tagged, {});
  REQUIRE(net[0].seen[tagged.canonical()].text() == "n1");
  net.command(1, engine::Decline{net[1].sinks.begin()->first, "no more", std::chrono::hours(1)});
  REQUIRE(net[1].sinks.empty());
  net.open(1, ContractKind::tag_observe, {}, {"T"});
  CHECK(net[1].seen[tagged.canonical()].text() == "n1");
}

TEST_CASE("P7: who can take nothing new any more, and has given up what it had, is not asked again and again") {
  const int levels = GENERATE(1, 2);
  Net net(4);  // 0 root, 1 below it, perhaps with 3 between; 2 is a root by itself
  if (levels == 2) net.link(3, 0);
  net.link(1, levels == 2 ? 3 : 0);
  net[1].publishes = net[2].publishes = false;
  const ContractId able = expose(net, 1);
  expose(net, 1, {.capacity = 0});
  observe(net, 0);
  REQUIRE(net[1].sinks.size() == 1);
  observe(net, 2);
  const ContractId theirs = expose(net, 2);
  net.command(2, engine::DropContract{theirs});
  net.link(2, 0);  // heard of what was there: a second term for 1, beside the first, and neither has sent
  REQUIRE(net[1].sinks.size() == 1);
  const auto before = net.frames<codec::Assign>();
  net.command(1, engine::DropContract{able});
  CHECK(net.frames<codec::Assign>() - before < 10);
  CHECK(net[1].sinks.empty());
  CHECK(net[0].standing[kObject.canonical()].kind == StandingKind::unexposed);
}

TEST_CASE("P7: who is chosen and given up again while its link is stalled is never asked to produce") {
  Net net(2);
  net.link(1, 0);
  expose(net, 1);
  net.stall(0, 1);
  net.command(0, engine::DropContract{observe(net, 0)});
  net.resume(0, 1);
  CHECK(net[1].elections == 0);
  CHECK(net[1].sinks.empty());
}

TEST_CASE("P8: who has an object keeps it while others are equal") {
  Net net(4);  // 0 root, 1 and 2 can expose, 3 joins with news of another tree
  net.link(1, 0);
  net.link(2, 0);
  expose(net, 1);
  observe(net, 0);
  net.pass(seconds(5));
  expose(net, 2);
  REQUIRE(net[1].sinks.size() == 1);
  observe(net, 3);
  expose(net, 3, {.priority = -1});
  net.pass(seconds(5));
  net.link(3, 0);
  net.pass(seconds(5));
  CHECK(net[1].elections == 1);
  CHECK(net[2].elections == 0);
  CHECK(net[1].sinks.size() == 1);
}

TEST_CASE("P8: of two contracts in one process the elected one stays") {
  Net net(1);
  expose(net, 0);
  observe(net, 0);
  expose(net, 0);
  for (int i = 0; i < 5; ++i) observe(net, 0);
  CHECK(net[0].elections == 1);
}

TEST_CASE("P9: a subtree that is cut off goes on by itself, and one writer remains when it is back") {
  Net net(5);  // 0 root; 1 below it with 2 and 3 below; 4 beside, with another exposer
  net.link(1, 0);
  net.link(2, 1);
  net.link(3, 1);
  net.link(4, 0);
  expose(net, 2);
  observe(net, 3);
  observe(net, 0);
  net.pass(seconds(5));
  expose(net, 4);
  net.pass(seconds(5));
  REQUIRE(net[2].sinks.size() == 1);
  const auto arrived = net[3].arrived.size();
  net.cut(1, 0);
  net.publish(2, "inside");
  CHECK(seen(net, 3).text() == "inside");
  for (std::size_t i = arrived; i < net[3].arrived.size(); ++i) CHECK(net[3].arrived[i].synchronized());
  CHECK(net[2].elections == 1);
  CHECK(net[4].sinks.size() == 1);
  CHECK(seen(net, 0).synchronized());

  net.link(1, 0);
  net.pass(seconds(10));
  CHECK(net[2].sinks.size() + net[4].sinks.size() == 1);
  for (int i : {0, 3}) {
    CHECK(seen(net, i).synchronized());
    CHECK(seen(net, i).epoch() == seen(net, 0).epoch());
    CHECK(seen(net, i).version() == seen(net, 0).version());
  }
}

TEST_CASE("P9: who comes back with its writer is not told the last word of one that has gone") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  observe(net, 0);
  observe(net, 1);
  expose(net, 1);
  net.cut(1, 0);
  const ContractId other = expose(net, 2);
  net.publish(2, "the last word");
  net.command(2, engine::DropContract{other});
  REQUIRE_FALSE(seen(net, 0).synchronized());
  REQUIRE(seen(net, 0).epoch() > seen(net, 1).epoch());
  net[1].arrived.clear();
  net.link(1, 0);
  for (const State& state : net[1].arrived) CHECK(state.synchronized());
  CHECK(seen(net, 0).synchronized());
  CHECK(seen(net, 0).epoch() == seen(net, 1).epoch());
}

TEST_CASE("P11: a peer that sends garbage loses its link, the others keep theirs") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 1);
  expose(net, 0);
  observe(net, 1);
  const std::vector<std::byte> garbage{std::byte{0xff}, std::byte{0x00}};
  net.feed(1, engine::LinkFrames{net.link_of(1, 2), garbage});
  net.settle();
  CHECK(net[1].closed == std::vector{ErrorCode::bad_frame});
  net.publish(0, "on");
  CHECK(seen(net, 1).text() == "on");
  CHECK(seen(net, 1).synchronized());
}

TEST_CASE("P10: who begins to observe by tag while the tree above forgets the object is told of its end") {
  const TagDescriptor tag("T");
  const ObjectDescriptor object({{"T"}}, Json("a"));
  const bool down_waits = GENERATE(false, true);
  Net net(3);  // 1 exposes, 2 observes, both below 0
  net.link(1, 0);
  net.link(2, 0);
  net.open(2, ContractKind::object_observe, object, tag);
  const ContractId first = net.open(1, ContractKind::object_expose, object, tag);
  net.open(1, ContractKind::tag_expose, object, tag, {.priority = 1});
  net.command(1, engine::DropContract{first});
  net.publish(1, "1");
  net.pass(milliseconds(100));
  // Its interest by object stands at 0, though it offers by tag only; 0 forgets it with the object.
  net.stall(1, 0);
  if (down_waits) net.stall(0, 1);
  net.open(1, ContractKind::tag_observe, object, tag);
  net.cut(2, 0);
  net.resume(1, 0);
  if (down_waits) net.resume(0, 1);
  CHECK(net[1].ended == 1);
  CHECK(net[0].engine->info().objects == 0);
  CHECK(net[1].engine->info().objects == 0);
}

TEST_CASE("P13: interest that comes and goes on a stalled link needs no more room") {
  Net net(2);
  net.link(1, 0);
  expose(net, 0);
  net.stall(1, 0);
  for (int i = 0; i < 200; ++i) net.command(1, engine::DropContract{observe(net, 1)});
  CHECK(net[1].closed.empty());
  CHECK(net.link_info(1, net.link_of(1, 0)).pending_objects <= 1);
  observe(net, 1);
  net.resume(1, 0);
  CHECK(seen(net, 1).synchronized());
}

TEST_CASE("P1: a regent that had its own state back from above stays in touch with its writer when that parent is lost too") {
  Net net(4);  // a chain: 3 writes, 2 observes, 0 is the root
  for (int i : {1, 2, 3}) net.link(i, i - 1);
  observe(net, 0);
  observe(net, 2);
  expose(net, 3);
  net.pass(seconds(1));
  REQUIRE(seen(net, 2).synchronized());
  const LinkId lost = net.link_of(2, 1);
  net[2].peers.erase(lost);  // 1 does not notice, so the root believes the state fresh from there
  net.command(2, engine::LinkDown{lost});
  net.link(2, 0);
  net.cut(2, 0);
  net.pass(seconds(1));
  CHECK(seen(net, 2).synchronized());
  CHECK(net[3].sinks.size() == 1);
  net.publish(3, "news");
  CHECK(seen(net, 2).text() == "news");
}

}  // namespace promises_test
