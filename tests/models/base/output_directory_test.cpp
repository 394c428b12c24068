#include "models/base/output_directory.h"

#include <doctest/doctest.h>

#include <fstream>

#include "../../temporary_folder.h"
#include "models/base/error.h"

namespace offcut {
namespace {

using Files = std::map<std::string, std::string>;

const std::vector<std::string> kNames = {"summary.csv", "requests.csv", "tiers.csv",
                                         "resolved.yaml"};

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace

TEST_CASE("output directory: files are there after commit(), and nothing else is") {
  const TemporaryFolder folder;
  {
    OutputDirectory out(folder.path() / "results" / "run", kNames, "resolved.yaml");
    CHECK(out.path() == folder.path() / "results" / "run");
    write(out.file("summary.csv"), "1");
    write(out.file("tiers.csv"), "2");
    CHECK(out.shown(out.file("tiers.csv")) == (folder.path() / "results/run/tiers.csv").string());
    CHECK(out.shown("tiers.csv") == "tiers.csv");
    CHECK(!std::filesystem::exists(folder.path() / "results/run/summary.csv"));
    out.commit();
  }
  CHECK(contents(folder.path() / "results") ==
        Files{{"run", "(folder)"}, {"run/summary.csv", "1"}, {"run/tiers.csv", "2"}});
}

TEST_CASE("output directory: without commit() everything is as before") {
  const TemporaryFolder folder;
  { OutputDirectory out(folder.path() / "results/deep/run", kNames, "resolved.yaml"); }
  CHECK(contents(folder.path()).empty());  // nor the folders above that it made
  {
    OutputDirectory out(folder.path() / "results/deep/run", kNames, "resolved.yaml");
    write(out.file("summary.csv"), "1");
  }
  CHECK(contents(folder.path()).empty());

  std::filesystem::create_directories(folder.path() / "results");
  { OutputDirectory out(folder.path() / "results/run", kNames, "resolved.yaml"); }
  CHECK(contents(folder.path()) == Files{{"results", "(folder)"}});  // this was there
}

TEST_CASE("output directory: an exception on the way leaves older results alone") {
  const TemporaryFolder folder;
  folder.write("summary.csv", "old");
  folder.write("notes.txt", "mine");
  try {
    OutputDirectory out(folder.path(), kNames, "resolved.yaml");
    write(out.file("summary.csv"), "half of the n");
    throw std::runtime_error("the simulation was ended by signal 9 (Killed)");
  } catch (const std::runtime_error&) {
  }
  CHECK(contents(folder.path()) == Files{{"summary.csv", "old"}, {"notes.txt", "mine"}});
}

TEST_CASE("output directory: newer files replace older ones whole, and others stay") {
  const TemporaryFolder folder;
  folder.write("summary.csv", "old and longer than the new one");
  folder.write("notes.txt", "mine");
  std::ifstream reader(folder.path() / "summary.csv");  // somebody has it open
  {
    OutputDirectory out(folder.path(), kNames, "resolved.yaml");
    write(out.file("summary.csv"), "new");
    CHECK(read_file(folder.path() / "summary.csv") == "old and longer than the new one");
    out.commit();
  }
  CHECK(contents(folder.path()) == Files{{"summary.csv", "new"}, {"notes.txt", "mine"}});
  std::string seen{std::istreambuf_iterator<char>(reader), {}};
  CHECK(seen == "old and longer than the new one");  // moved into place, not written over
}

TEST_CASE("output directory: a file that this run does not write must not stay from an older one") {
  const TemporaryFolder folder;
  folder.write("requests.csv", "of an older run");
  folder.write("resolved.yaml", "by which it is known for one");
  {
    OutputDirectory out(folder.path(), kNames, "resolved.yaml");
    write(out.file("summary.csv"), "new");
    write(out.file("resolved.yaml"), "new too");
    CHECK(read_file(folder.path() / "requests.csv") == "of an older run");
    out.commit();
  }
  CHECK(contents(folder.path()) == Files{{"summary.csv", "new"}, {"resolved.yaml", "new too"}});
}

TEST_CASE("output directory: what can't be a folder") {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "x");
  const auto complaint = [](const std::string& path) {
    try {
      OutputDirectory out(path, kNames);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(complaint(file) ==
        file + ": error: can't be used as a folder for results: Not a directory");
  CHECK(complaint(file + "/below") ==
        file + "/below: error: can't be used as a folder for results: Not a directory");
  CHECK(contents(folder.path()) == Files{{"file", "x"}});
}

TEST_CASE("output directory: a name that results do not have is the programmer's error") {
  const TemporaryFolder folder;
  OutputDirectory out(folder.path(), kNames, "resolved.yaml");
  CHECK_THROWS_AS(out.file("summary.cvs"), std::logic_error);
}

TEST_CASE("output directory: without the marker of an earlier result, older files are the user's") {
  const TemporaryFolder folder;
  folder.write("requests.csv", "mine");
  {
    OutputDirectory out(folder.path(), kNames, "resolved.yaml");
    write(out.file("resolved.yaml"), "new");
    out.commit();
  }
  CHECK(contents(folder.path()) == Files{{"requests.csv", "mine"}, {"resolved.yaml", "new"}});
}

TEST_CASE("output directory: files of other names replace their like and nothing else") {
  const TemporaryFolder folder;
  folder.write("a.onnx", "old");
  folder.write("b.onnx", "old");
  folder.write("summary.csv", "of a run");
  folder.write("resolved.yaml", "of a run");
  {
    OutputDirectory out(folder.path(), {"a.onnx", "b.onnx"});
    write(out.file("a.onnx"), "new");
    CHECK_THROWS_AS(out.file("summary.csv"), std::logic_error);
    CHECK(out.commit() == std::vector<std::string>{"a.onnx"});
  }
  CHECK(contents(folder.path()) == Files{{"a.onnx", "new"},
                                         {"b.onnx", "old"},
                                         {"resolved.yaml", "of a run"},
                                         {"summary.csv", "of a run"}});
}

}  // namespace offcut
