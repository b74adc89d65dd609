#pragma once
#include <cstdint>

// Planted slips, to see that the checks can fail. Normal builds hold none of them: mutant() is then constantly false
// and every hook is compiled away. The copy of the engine that tests/mutants builds with MLA_MUTANTS makes one slip
// at a time, chosen at run time.
namespace mla {

enum class Mutant : std::uint8_t {
  none,
#define MLA_MUTANT(name, promise, profile, text) name,
#include "contracts/mutants.def"
#undef MLA_MUTANT
};

#ifdef MLA_MUTANTS
inline Mutant chosen_mutant = Mutant::none;  ///< written by the test program before it makes an engine
inline bool mutant(Mutant m) { return chosen_mutant == m; }
#else
constexpr bool mutant(Mutant) { return false; }
#endif

}  // namespace mla
