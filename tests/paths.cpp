#include "tests/paths.h"

namespace offcut {

std::string source_path(const std::string& file) { return OFFCUT_SOURCE "/" + file; }

std::string test_data_path(const std::string& file) { return OFFCUT_TEST_DATA "/" + file; }

}  // namespace offcut
