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

TEST_CASE("output directory: commit() leaves the files and nothing else") {
  const TemporaryFolder folder;
  {
    OutputDirectory out(folder.path() / "results" / "run", kNames, "resolved.yaml");
    CHECK(out.path() == folder.path() / "results" / "run");
    write(out.file("summary.csv"), "1");
    write(out.file("tiers.csv"), "2");
    CHECK(!std::filesystem::exists(folder.path() / "results/run/summary.csv"));
    out.commit();
  }
  CHECK(contents(folder.path() / "results") ==
        Files{{"run", "(folder)"}, {"run/summary.csv", "1"}, {"run/tiers.csv", "2"}});
}

TEST_CASE("output directory: without commit(), everything is as before") {
  const TemporaryFolder folder;
  { OutputDirectory out(folder.path() / "results/deep/run", kNames, "resolved.yaml"); }
  CHECK(contents(folder.path()).empty());  // The parent folders that it made are gone, too.
  {
    OutputDirectory out(folder.path() / "results/deep/run", kNames, "resolved.yaml");
    write(out.file("summary.csv"), "1");
  }
  CHECK(contents(folder.path()).empty());

  std::filesystem::create_directories(folder.path() / "results");
  { OutputDirectory out(folder.path() / "results/run", kNames, "resolved.yaml"); }
  CHECK(contents(folder.path()) == Files{{"results", "(folder)"}});  // This one existed before.
}

TEST_CASE("output directory: an exception leaves older results untouched") {
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

TEST_CASE("output directory: new files replace older ones as a whole, and others stay") {
  const TemporaryFolder folder;
  folder.write("summary.csv", "old and longer than the new one");
  folder.write("notes.txt", "mine");
  std::ifstream reader(folder.path() / "summary.csv");  // Another program has it open.
  {
    OutputDirectory out(folder.path(), kNames, "resolved.yaml");
    write(out.file("summary.csv"), "new");
    CHECK(read_file(folder.path() / "summary.csv") == "old and longer than the new one");
    out.commit();
  }
  CHECK(contents(folder.path()) == Files{{"summary.csv", "new"}, {"notes.txt", "mine"}});
  std::string seen{std::istreambuf_iterator<char>(reader), {}};
  CHECK(seen == "old and longer than the new one");  // The new file was moved into place.
}

TEST_CASE("output directory: files of an earlier result that a new one lacks are removed") {
  const TemporaryFolder folder;
  folder.write("requests.csv", "of an older run");
  folder.write("resolved.yaml", "the marker of a run");
  {
    OutputDirectory out(folder.path(), kNames, "resolved.yaml");
    write(out.file("summary.csv"), "new");
    write(out.file("resolved.yaml"), "new too");
    CHECK(read_file(folder.path() / "requests.csv") == "of an older run");
    out.commit();
  }
  CHECK(contents(folder.path()) == Files{{"summary.csv", "new"}, {"resolved.yaml", "new too"}});
}

TEST_CASE("output directory: paths that can't be a folder") {
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

TEST_CASE("output directory: an unknown name of a result file is a logic error") {
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

TEST_CASE("output directory: only files of the given names are replaced") {
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
