#include "tools/mla/standing_talk.h"

namespace mla::cli {

void StandingTalk::note(const std::string& object, std::string label, Standing standing) {
  noted_.insert_or_assign(object, Noted{std::move(label), std::move(standing)});
}

void StandingTalk::forget(const std::string& object) {
  noted_.erase(object);
  told_.erase(object);
}

std::vector<std::string> StandingTalk::settled() {
  std::vector<std::string> sentences;
  for (auto& [object, noted] : noted_) {
    const Standing& now = noted.standing;
    const auto before = told_.find(object);
    if (before == told_.end()) {
      // That a state comes, or has come, is what everybody expects.
      if (now.kind == StandingKind::waiting || now.kind == StandingKind::synchronized) continue;
    } else if (before->second.kind == now.kind && before->second.reason == now.reason) {
      continue;
    }
    sentences.push_back(noted.label + " is " + std::string(to_string(now.kind)) +
                        (now.reason.empty() ? "" : ": " + now.reason));
    told_.insert_or_assign(object, now);
  }
  noted_.clear();
  return sentences;
}

}  // namespace mla::cli
