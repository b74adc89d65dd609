#include "tests/sim/seeds.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace mla::sim {

std::vector<Options> read_seeds(const std::string& file) {
  std::vector<Options> result;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    Options options;
    for (std::string word; words >> word;) {
      if (word == "plain") {
        options.plain = true;
      } else if (word == "earlier") {
        options.earlier = true;
      } else if (word.rfind("profile=", 0) == 0) {
        options.profile = find_profile(std::string_view(word).substr(8));
        if (!options.profile) throw Broken{"no such " + word};
      } else {
        options.seed = std::strtoull(word.c_str(), nullptr, 10);
        result.push_back(options);
      }
    }
  }
  return result;
}

}  // namespace mla::sim
