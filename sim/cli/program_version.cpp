#include "sim/cli/program_version.h"

#include <offcut_commit.h>  // Written when offcut is built.

namespace offcut::cli {

std::string program_version() { return OFFCUT_VERSION; }
std::string program_commit() { return OFFCUT_COMMIT; }

}  // namespace offcut::cli
