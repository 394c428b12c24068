#include "sim/network/rates/trace_files.h"

#include <doctest/doctest.h>

#include "models/base/error.h"
#include "read.h"

namespace offcut::network::trace_files_test {

TEST_CASE("trace files: a file is read once for each format, and an error each time") {
  const TemporaryFolder folder;
  TraceFiles files;
  const std::string path =
      folder.write("trace", "time_s,up,down\n0,1000 B/s,2 kB/s\n5,3000 B/s,4 kB/s\n");
  const auto first = files.read(path, nullptr, trace_formats());
  CHECK(first->up == std::vector<double>{1000, 3000});
  folder.write("trace", "0 1\n2 3\n");
  CHECK(files.read(path, nullptr, trace_formats()) == first);
  CHECK(files.read(path, trace_formats().find("cooked"), trace_formats()) != first);
  const std::string other = folder.write("other", "no trace\n");
  CHECK_THROWS_AS(files.read(other, nullptr, trace_formats()), InputError);
  CHECK_THROWS_AS(files.read(other, nullptr, trace_formats()), InputError);
}

}  // namespace offcut::network::trace_files_test
