// The entry for libFuzzer. The build of a fuzzer names its reader; the program of the tests, which
// has a main() and all readers, names none.

#ifdef OFFCUT_FUZZ_READER

#include <cstddef>
#include <string_view>

namespace offcut::fuzz {
void OFFCUT_FUZZ_READER(std::string_view bytes);
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  offcut::fuzz::OFFCUT_FUZZ_READER({reinterpret_cast<const char*>(data), size});
  return 0;
}

#endif
