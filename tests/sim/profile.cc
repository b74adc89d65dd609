#include "tests/sim/profile.h"

namespace mla::sim {

const Profile kAnyWorld{.name = "any", .about = "a bit of everything", .options = .5};

namespace {

using std::chrono::milliseconds;

constexpr Profile::Features kNothingOdd{.user_versions = 0, .tags = 0, .crashes = 0, .loops = 0, .priorities = 0,
                                        .slow = 0, .pauses = 0, .big = 0, .clocks = 0};

constexpr auto features = [](auto change) {
  Profile::Features f = kNothingOdd;
  change(f);
  return f;
};

const Profile kProfiles[] = {
    {.name = "merges",
     .about = "three exchanges, twelve steps: links come, trees merge, now and then a link breaks",
     .nodes = {3, 3},
     .rounds = {1, 2},
     .steps = 12,
     .longest_step = milliseconds(400),
     .several_objects = 0,
     .features = features([](auto& f) { f.user_versions = .3, f.tags = .5; }),
     .weights = {.open = 35, .drop = 8, .produce = 20, .dial = 27, .cut = 10, .stall = 0, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0}},
    {.name = "churn",
     .about = "few exchanges, one object, links that stall: contracts come and go faster than links can tell",
     .nodes = {2, 3},
     .rounds = {1, 2},
     .longest_step = milliseconds(6),
     .longest_stall = milliseconds(700),
     .room = 120,
     .several_objects = 0,
     .features = features([](auto& f) { f.tags = .3; }),
     .weights = {.open = 38, .drop = 38, .produce = 12, .dial = 8, .cut = 0, .stall = 4, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0}},
    {.name = "large",
     .about = "states of many pieces on slow links",
     .nodes = {2, 4},
     .rounds = {1, 2},
     .features = features([](auto& f) { f.slow = 1, f.big = 1; }),
     .weights = {.open = 25, .drop = 5, .produce = 50, .dial = 12, .cut = 2, .stall = 6, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0}},
    {.name = "tags",
     .about = "nearly all contracts are by tag",
     .nodes = {3, 4},
     .rounds = {1, 2},
     .several_objects = 1,
     .tag_contracts = .8,
     .features = features([](auto& f) { f.tags = 1, f.crashes = .5, f.pauses = .3; })},
    {.name = "rules",
     .about = "contracts with intervals, that wait, that linger, on quick and regular links",
     .nodes = {2, 4},
     .rounds = {1, 2},
     .steps = 60,
     .options = .8,
     .hours = .1,
     .options_judged = true,
     .features = features([](auto& f) { f.priorities = 1; }),
     .weights = {.open = 25, .drop = 8, .produce = 50, .dial = 12, .cut = 0, .stall = 0, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 5},
     .calm_steps = 50,
     .must_happen = {"contracts that wait", "contracts that linger", "states under an interval", "interval changes"}},
    {.name = "herd",
     .about = "many objects, exposed by tag, whose exposers come and go",
     .nodes = {3, 4},
     .rounds = {1, 1},
     .steps = 20,
     .longest_step = milliseconds(800),
     .herd = 50,
     .tag_contracts = 1,
     .observers = .1,
     .features = features([](auto& f) { f.tags = 1; }),
     .weights = {.open = 45, .drop = 15, .produce = 2, .dial = 30, .cut = 4, .stall = 0, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 4, .hostile = 0, .nothing = 0},
     .must_happen = {"moves for balance"}},
    {.name = "moves",
     .about = "exchanges that change parents all the time, loops among them",
     .nodes = {4, 6},
     .rounds = {1, 2},
     .several_objects = 0,
     .features = features([](auto& f) { f.loops = 1, f.tags = .3; }),
     .weights = {.open = 20, .drop = 8, .produce = 15, .dial = 25, .cut = 12, .stall = 0, .reparent = 20, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0}},
    {.name = "cuts",
     .about = "links break and processes crash; all else is quick and regular",
     .nodes = {3, 5},
     .rounds = {1, 2},
     .several_objects = 0,
     .features = features([](auto& f) { f.crashes = 1, f.tags = .3; }),
     .weights = {.open = 25, .drop = 8, .produce = 20, .dial = 20, .cut = 20, .stall = 0, .reparent = 0, .crash = 7,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0},
     .must_happen = {"ages checked", "silent links noticed", "crashes", "pulls"}},
    {.name = "versions",
     .about = "producers with versions of their own that publish much; objects that die and come back under a tag",
     .nodes = {3, 4},
     .rounds = {1, 3},
     .steps = 60,
     .several_objects = 0,
     .tag_contracts = .5,
     .features = features([](auto& f) { f.user_versions = 1, f.tags = 1; }),
     .weights = {.open = 22, .drop = 20, .produce = 45, .dial = 10, .cut = 3, .stall = 0, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0}},
    {.name = "calm",
     .about = "hardly any chaos, then a long calm with hand-overs by priority and load, and a merge",
     .nodes = {3, 5},
     .rounds = {1, 1},
     .steps = 12,
     .features = features([](auto& f) { f.priorities = 1, f.tags = .5; }),
     .weights = {.open = 50, .drop = 0, .produce = 20, .dial = 30, .cut = 0, .stall = 0, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0},
     .calm_steps = 60},
    {.name = "islands",
     .about = "a healthy tree from which whole subtrees are cut off, and come back",
     .nodes = {3, 5},
     .rounds = {1, 1},
     .steps = 15,
     .several_objects = 0,
     .features = features([](auto& f) { f.tags = .3; }),
     .weights = {.open = 50, .drop = 0, .produce = 20, .dial = 30, .cut = 0, .stall = 0, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 0, .nothing = 0},
     .autonomy = true,
     .must_happen = {"subtrees cut off", "observers cut off with their writer"}},
    {.name = "threads",
     .about = "routers of several engines: the links inside never fail, those outside are spread and move between them",
     .nodes = {4, 9},
     .threads = {1, 4},
     .rounds = {1, 2},
     .features = features([](auto& f) {
       f.user_versions = .3, f.tags = .6, f.crashes = .7, f.priorities = .5, f.slow = .2, f.pauses = .5, f.clocks = .5;
     }),
     .weights = {.open = 28, .drop = 10, .produce = 24, .dial = 16, .cut = 6, .stall = 3, .reparent = 9, .crash = 2,
                 .pause = 3, .capacity = 2, .hostile = 2, .nothing = 0},
     .must_happen = {"processes of several engines", "links spread over the engines of a process",
                     "links that resumed at another engine", "engines that lag"}},
    {.name = "guests",
     .about = "peers that break the protocol, or write what nobody asked them for",
     .nodes = {2, 3},
     .rounds = {1, 1},
     .steps = 40,
     .several_objects = 0,
     .features = features([](auto& f) { f.tags = .3; }),
     .weights = {.open = 30, .drop = 5, .produce = 20, .dial = 15, .cut = 0, .stall = 0, .reparent = 0, .crash = 0,
                 .pause = 0, .capacity = 0, .hostile = 30, .nothing = 0},
     .must_happen = {"states that nobody asked for", "hostile peers"},
     .guests = true},
};

}  // namespace

std::span<const Profile> profiles() { return kProfiles; }

const Profile* find_profile(std::string_view name) {
  if (name == kAnyWorld.name) return &kAnyWorld;
  for (const Profile& p : kProfiles)
    if (p.name == name) return &p;
  return nullptr;
}

}  // namespace mla::sim
