#include "tests/mutants/findings.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace mla::mutants {

std::string promise_of(std::string_view what) {
  if (what.size() > 1 && what[0] == 'P' && std::isdigit(static_cast<unsigned char>(what[1]))) {
    std::size_t end = 2;
    while (end < what.size() && std::isdigit(static_cast<unsigned char>(what[end]))) ++end;
    return std::string(what.substr(0, end));
  }
  // Checks of invariants speak of the promise that rests on them.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kRestOn{{
      {"identity", "P4"},
      {"elected: more than one", "P4"},
      {"elected: nobody", "P1"},
      {"drain", "P6"},
      {"livelock", "P1"},
      {"loop", "P1"},
      {"standing", "P1"},
      {"synchronized without", "P1"},
      {"priority", "P8"},
      {"delivered twice", "P2"},
  }};
  for (const auto& [prefix, promise] : kRestOn)
    if (what.substr(0, prefix.size()) == prefix) return std::string(promise);
  return {};
}

namespace {

constexpr std::uint64_t kScenarios = ~std::uint64_t{0};
constexpr rlim_t kCpuSeconds = 120;

/// In the child: says what it begins with and what failed, a line each.
void work(const Exercise& e, std::uint64_t from, std::FILE* out) {
  const auto say = [&](const char* kind, const std::string& text) {
    std::fprintf(out, "%s %s\n", kind, text.c_str());
    std::fflush(out);
  };
  const auto found = [&](const std::string& what) {
    if (what.empty()) return false;
    say("failed", what);
    return !e.promise.empty() && promise_of(what) == e.promise;
  };
  for (std::uint64_t seed = from; seed < e.seeds; ++seed) {
    say("seed", std::to_string(seed));
    if (found(e.run_seed(seed))) return;
  }
  say("scenarios", e.promise);
  found(e.run_scenarios(e.promise));
}

/// Answers where to go on after a crash; kScenarios: it is over.
std::uint64_t one_process(const Exercise& e, std::uint64_t from, std::vector<Finding>& findings) {
  int ends[2];
  if (pipe(ends) != 0) std::perror("pipe"), std::exit(2);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) std::perror("fork"), std::exit(2);
  if (child == 0) {
    close(ends[0]);
    const rlimit cpu{kCpuSeconds, kCpuSeconds};
    setrlimit(RLIMIT_CPU, &cpu);
    const rlimit core{0, 0};
    setrlimit(RLIMIT_CORE, &core);
    if (!std::freopen("/dev/null", "w", stdout) || !std::freopen("/dev/null", "w", stderr)) _exit(2);
    work(e, from, fdopen(ends[1], "w"));
    _exit(0);
  }
  close(ends[1]);
  std::FILE* in = fdopen(ends[0], "r");
  std::uint64_t at = from;
  char* line = nullptr;
  std::size_t room = 0;
  while (getline(&line, &room, in) > 0) {
    std::string_view text(line);
    text.remove_suffix(1);
    if (text.substr(0, 5) == "seed ") {
      at = std::strtoull(line + 5, nullptr, 10);
    } else if (text.substr(0, 7) == "failed ") {
      const std::string what(text.substr(7));
      findings.push_back({at == kScenarios ? "scenario" : "seed " + std::to_string(at), what});
    } else {
      at = kScenarios;
    }
  }
  std::free(line);
  std::fclose(in);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return kScenarios;
  const bool hung = WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
  findings.push_back({at == kScenarios ? "scenario" : "seed " + std::to_string(at),
                      hung ? "livelock: no end" : "crash: status " + std::to_string(status)});
  return at == kScenarios ? kScenarios : at + 1;
}

}  // namespace

std::vector<Finding> exercise(const Exercise& e) {
  std::vector<Finding> findings;
  const auto enough = [&] {
    return !e.promise.empty() && !findings.empty() && promise_of(findings.back().what) == e.promise;
  };
  for (std::uint64_t from = 0; from != kScenarios && !enough();) from = one_process(e, from, findings);
  return findings;
}

}  // namespace mla::mutants
