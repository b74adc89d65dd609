#include <algorithm>

#include "exchange/describe/answer.h"

// The answer to "why": what was decided, from what, and what would change it.
namespace mla::description {
namespace {

// Rows shown of each list; together they stay below kAnswerBytes whatever names peers have.
constexpr std::size_t kCandidates = 30, kLeftOut = 10, kObservers = 10;
constexpr std::size_t kReasonBytes = 100;

using core::Explanation;

std::string who(const core::Target& target, const ExchangeInfo& info) {
  if (target.is_local()) return "a contract of " + (info.name.empty() ? "this exchange" : info.name);
  for (const LinkInfo& link : info.links)
    if (target.is(LinkId{link.link}))
      return link.peer_name.empty() ? to_string(link.peer) : link.peer_name.substr(0, kNameBytes);
  return "nobody";
}

std::string ms(std::chrono::milliseconds d) {
  return std::to_string(d.count()) + " ms";
}

void write_term(JsonWriter& w, std::string_view name, const std::optional<Explanation::Term>& term,
                const ExchangeInfo& info) {
  w.key(name);
  if (!term) {
    w.null();
    return;
  }
  w.begin_object();
  write_target(w, term->target, info);
  w.key("epoch");
  write_epoch(w, term->epoch);
  w.member("since_ms", term->lasts.count()).member("has_sent", term->sent);
  w.member("decided_by", term->from_above ? "parent" : "self").end_object();
}

bool targets(const std::optional<Explanation::Term>& term, const core::Target& target) {
  return term && term->target == target;
}

void write_candidates(JsonWriter& w, const Explanation& e, const ExchangeInfo& info) {
  w.member("candidates_total", e.candidates.size()).key("candidates").begin_array();
  std::size_t shown = 0;
  for (const auto& c : e.candidates) {
    const bool elected = targets(e.current, c.target), draining = targets(e.draining, c.target);
    if (shown >= kCandidates && !elected && !draining) continue;
    ++shown;
    w.begin_object();
    write_target(w, c.target, info);
    w.member("priority", c.exposure.priority).member("capacity", c.exposure.capacity);
    w.member("assigned", c.assigned).member("load", c.load).member("elected", elected);
    w.member("draining", draining).key("by_tag");
    if (c.tag)
      w.raw(*c.tag);
    else
      w.null();
    w.key("avoided_ms");
    if (c.avoided)
      w.value(c.avoided->count());
    else
      w.null();
    w.end_object();
  }
  w.end_array();
}

void write_left_out(JsonWriter& w, const Explanation& e, const ExchangeInfo& info) {
  w.member("left_out_total", e.left_out.size()).key("left_out").begin_array();
  for (std::size_t i = 0; i < std::min(kLeftOut, e.left_out.size()); ++i) {
    const auto& x = e.left_out[i];
    w.begin_object();
    write_target(w, x.target, info);
    if (x.target.is_local()) w.member("contract", x.contract.value);
    w.member("why", to_string(x.reason)).member("reason", x.text.substr(0, kReasonBytes)).key("again_ms");
    if (x.again)
      w.value(x.again->count());
    else
      w.null();
    w.end_object();
  }
  w.end_array();
}

void write_observers(JsonWriter& w, const Explanation& e, const ExchangeInfo& info) {
  w.key("observers").begin_object().member("local", e.local_observers);
  w.member("links_total", e.observing_links.size()).key("links").begin_array();
  for (std::size_t i = 0; i < std::min(kObservers, e.observing_links.size()); ++i) {
    w.begin_object();
    write_target(w, core::Target::link(e.observing_links[i]), info);
    w.end_object();
  }
  w.end_array().end_object();
}

/// Sentences for people: which event would lead to another decision.
class Changes {
 public:
  Changes(const Explanation& e, const ExchangeInfo& info) : e_(e), info_(info) {}

  std::vector<std::string> all() {
    if (!e_.known) {
      say("nobody here or below observes it or exposes it; either would make it known");
      above();
      return std::move(out_);
    }
    if (!e_.live && e_.candidates.empty()) say("somebody who observes it, and somebody who exposes it");
    else if (!e_.live) say("somebody who observes it: an exposer is there");
    else if (e_.candidates.empty()) say("somebody who exposes it: it is observed, and nobody can");
    else if (e_.current) elected();
    left_out();
    above();
    return std::move(out_);
  }

 private:
  void say(std::string text) { out_.push_back(std::move(text)); }

  void elected() {
    const core::Target& holder = e_.current->target;
    const auto present = std::find_if(e_.candidates.begin(), e_.candidates.end(),
                                      [&](auto& c) { return c.target == holder; });
    const auto next = std::find_if(e_.candidates.begin(), e_.candidates.end(),
                                   [&](auto& c) { return c.target != holder && c.exposure.capacity > 0; });
    if (next == e_.candidates.end())
      say("if " + who(holder, info_) + " goes, nobody is left here to expose it");
    else
      say("if " + who(holder, info_) + " goes, " + who(next->target, info_) + " takes over");
    if (present == e_.candidates.end()) return;
    say("an exposer of a priority above " + std::to_string(present->exposure.priority) + " takes over at once");
    if (present->exposure.capacity == 0) say("an exposer with capacity takes over at once: the present one has 0");
    if (next != e_.candidates.end() && next->exposure.priority == present->exposure.priority)
      say("it moves when loads differ by more than " + std::to_string(e_.rebalance_percent) + " % of their mean");
    if (e_.must_start_in && !e_.current->sent && next != e_.candidates.end())
      say("it is replaced if no state comes within " + ms(*e_.must_start_in));
    for (const auto& c : e_.candidates)
      if (c.avoided) {
        say(who(c.target, info_) + " was too slow to start; it is considered again in " + ms(*c.avoided));
        break;
      }
  }

  void left_out() {
    constexpr std::size_t kSaid = 5;
    for (std::size_t i = 0; i < std::min(kSaid, e_.left_out.size()); ++i) {
      const auto& x = e_.left_out[i];
      const std::string name = who(x.target, info_);
      switch (x.reason) {
        case Explanation::Reason::declined:
          say(name + " declined" + (x.text.empty() ? "" : " (" + x.text.substr(0, kReasonBytes) + ")") + "; it is asked again in " +
              ms(x.again.value_or(std::chrono::milliseconds(0))));
          break;
        case Explanation::Reason::no_capacity:
          say(name + " offers capacity 0; any more would make it a candidate");
          break;
        case Explanation::Reason::at_limit:
          say(name + " holds as many objects as it wants; one less would make it a candidate");
          break;
      }
    }
  }

  void above() {
    if (!e_.root) say("the root may decide otherwise: this is the view from below it");
  }

  const Explanation& e_;
  const ExchangeInfo& info_;
  std::vector<std::string> out_;
};

}  // namespace

std::string why_json(const ObjectDescriptor& object, const Explanation& e, const ExchangeInfo& info) {
  JsonWriter w;
  w.begin_object().member("node", to_string(info.node)).member("name", info.name).member("root", e.root);
  w.member("kind", "why").key("object").raw(object.to_json()).member("known", e.known);
  w.member("live", e.live).member("observed", e.observed).member("exposed", e.exposed);
  w.member("needed_by_tag", e.needed_by_tag);
  w.key("standing");
  if (e.live)
    w.value(to_string(e.standing.kind));
  else
    w.null();  // whoever is not observed has none
  w.member("reason", e.standing.reason).member("age_us", e.standing.age.count());
  write_term(w, "elected", e.current, info);
  write_term(w, "draining", e.draining, info);
  write_candidates(w, e, info);
  write_left_out(w, e, info);
  write_observers(w, e, info);
  w.key("state");
  if (e.state) {
    w.begin_object().key("epoch");
    write_epoch(w, e.state->epoch);
    w.key("version");
    write_version(w, e.state->version);
    w.end_object();
  } else {
    w.null();
  }
  w.key("floor");
  write_version(w, e.floor);
  w.key("would_change").begin_array();
  for (const auto& sentence : Changes(e, info).all()) w.value(sentence);
  w.end_array().end_object();
  return w.take();
}

}  // namespace mla::description
