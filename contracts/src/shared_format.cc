#include <mla/shared_format.h>

#include <array>
#include <functional>

namespace mla {
namespace {

/// What states mostly are; never destroyed, since states may outlive everything.
const std::array<Format, 5>& few() {
  static const auto& kFew = *new std::array<Format, 5>{{{}, {"JSON"}, {"TEXT"}, {"CBOR"}, {"BYTES"}}};
  return kFew;
}

bool is_one_of_few(const Format* labels) {
  const auto& all = few();
  return !std::less<>()(labels, all.data()) && std::less<>()(labels, all.data() + all.size());
}

}  // namespace

SharedFormat::SharedFormat(const Format& labels) {
  if (labels.empty()) return;
  if (labels.size() == 1)
    for (const Format& known : few())
      if (known == labels) {
        labels_ = &known;
        return;
      }
  labels_ = new Format(labels);
}

SharedFormat::~SharedFormat() {
  if (labels_ && !is_one_of_few(labels_)) delete labels_;
}

const Format& SharedFormat::labels() const {
  return labels_ ? *labels_ : few()[0];
}

void SharedFormat::assign(const Format& labels) {
  if (this->labels() != labels) *this = SharedFormat(labels);
}

}  // namespace mla
