/* Compares the canonical texts of random values with an oracle's: lines of TEXT <tab> CANONICAL, or of TEXT <tab> !, if it is to be
 * refused, from standard input. usage: c_canonical_stream COUNT: so many there must be */
#include "check.h"

int main(int argc, char** argv) {
  CHECK(argc == 2);
  static char line[1 << 17], text[1 << 14];
  long same = 0, refused = 0;
  while (fgets(line, sizeof line, stdin)) {
    char* const tab = strchr(line, '\t');
    CHECK(tab != NULL);
    char* const wanted = tab + 1;
    wanted[strcspn(wanted, "\n")] = 0;
    size_t length = 0;
    const mla_status status = mla_json_canonical(line, (size_t)(tab - line), text, sizeof text, &length);
    const int is_refusal = strcmp(wanted, "!") == 0;
    if (is_refusal ? status == MLA_OK : status != MLA_OK || strcmp(text, wanted) != 0) {
      fprintf(stderr, "%.*s\nis %s\nnot %s\n", (int)(tab - line), line, status == MLA_OK ? text : mla_status_name(status), wanted);
      return 1;
    }
    refused += is_refusal;
    same += !is_refusal;
  }
  printf("identity: %ld random values the same, %ld refused\n", same, refused);
  return same + refused == strtol(argv[1], NULL, 10) ? 0 : 1;
}
