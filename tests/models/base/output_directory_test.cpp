#include "models/base/output_directory.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "../../temporary_folder.h"
#include "models/base/error.h"

namespace offcut::output_directory_test {
namespace {

using Files = std::map<std::string, std::string>;

const std::vector<std::string> kNames = {"summary.csv", "requests.csv", "tiers.csv",
                                         "resolved.yaml"};

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

void write_below(const TemporaryFolder& folder, const std::string& name,
                 const std::string& content) {
  std::filesystem::create_directories((folder.path() / name).parent_path());
  write(folder.write(name, ""), content);
}

}  // namespace

TEST_CASE("output directory: commit() leaves the files and nothing else") {
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

TEST_CASE(
    "output directory: the new folder takes the place of the old one, with the user's files") {
  const TemporaryFolder folder;
  const std::filesystem::path run = folder.path() / "run";
  write_below(folder, "run/summary.csv", "old");
  write_below(folder, "run/resolved.yaml", "old");
  write_below(folder, "run/notes.txt", "mine");
  std::filesystem::create_symlink("notes.txt", run / "link");
  const std::filesystem::path other = folder.path() / "hard link";
  std::filesystem::create_hard_link(run / "notes.txt", other);
  const std::ifstream old(run);  // Its inode is not given to another folder meanwhile.
  const auto inode = [&] {
    struct stat status {};
    stat(run.c_str(), &status);
    return status.st_ino;
  };
  const auto before = inode();
  {
    OutputDirectory out(run, kNames, "resolved.yaml");
    write(out.file("resolved.yaml"), "new");
    CHECK(out.commit() == std::vector<std::string>{"resolved.yaml"});
    CHECK(inode() != before);  // It was exchanged.
  }
  CHECK(contents(run) == Files{{"resolved.yaml", "new"}, {"notes.txt", "mine"}, {"link", "mine"}});
  CHECK(std::filesystem::equivalent(run / "notes.txt", other));
  CHECK(std::filesystem::is_symlink(run / "link"));
  CHECK(contents(folder.path()).size() == 5);  // Nothing hidden is left: run, its files, the link.
}

TEST_CASE("output directory: beside a folder of the user's, files are replaced one by one") {
  const TemporaryFolder folder;
  write_below(folder, "run/mine/summary.csv", "mine");
  write_below(folder, "run/.partial-mine/file", "mine");
  write_below(folder, "run/summary.csv", "old");
  write_below(folder, "run/tiers.csv", "old");
  write_below(folder, "run/resolved.yaml", "old");
  {
    OutputDirectory out(folder.path() / "run", kNames, "resolved.yaml");
    write(out.file("summary.csv"), "new");
    write(out.file("resolved.yaml"), "new");
    out.commit();
  }
  CHECK(contents(folder.path()) == Files{{"run", "(folder)"},
                                         {"run/mine", "(folder)"},
                                         {"run/mine/summary.csv", "mine"},
                                         {"run/.partial-mine", "(folder)"},
                                         {"run/.partial-mine/file", "mine"},
                                         {"run/summary.csv", "new"},
                                         {"run/resolved.yaml", "new"}});
}

TEST_CASE("output directory: a folder that takes a result's name meanwhile keeps all as it was") {
  const TemporaryFolder folder;
  write_below(folder, "run/summary.csv", "old");
  write_below(folder, "run/resolved.yaml", "old");
  {
    OutputDirectory out(folder.path() / "run", kNames, "resolved.yaml");
    write(out.file("summary.csv"), "new");
    write_below(folder, "run/tiers.csv/file", "mine");
    write(out.file("tiers.csv"), "new");
    CHECK_THROWS_WITH_AS(
        out.commit(),
        ((folder.path() / "run/tiers.csv").string() + ": error: can't be replaced: it is a folder")
            .c_str(),
        InputError);
  }
  CHECK(contents(folder.path()) == Files{{"run", "(folder)"},
                                         {"run/summary.csv", "old"},
                                         {"run/resolved.yaml", "old"},
                                         {"run/tiers.csv", "(folder)"},
                                         {"run/tiers.csv/file", "mine"}});
}

TEST_CASE("output directory: of two at once, the last to commit leaves its files") {
  const TemporaryFolder folder;
  OutputDirectory first(folder.path() / "run", kNames, "resolved.yaml");
  OutputDirectory second(folder.path() / "run", kNames, "resolved.yaml");
  for (OutputDirectory* out : {&first, &second}) {
    const std::string text = out == &first ? "first" : "second";
    write(out->file("resolved.yaml"), text);
    if (out == &second) {
      write(out->file("tiers.csv"), text);
    }
  }
  second.commit();
  CHECK(contents(folder.path() / "run") ==
        Files{{"resolved.yaml", "second"}, {"tiers.csv", "second"}});
  first.commit();
  CHECK(contents(folder.path() / "run") == Files{{"resolved.yaml", "first"}});
}

TEST_CASE("output directory: what killed processes left is removed, and nothing else") {
  const TemporaryFolder folder;
  write_below(folder, "run/notes.txt", "mine");
  for (const char* stale : {".run.partial-a", "run/.partial-b"}) {
    write_below(folder, std::string(stale) + "/.offcut-partial", "");
    write_below(folder, std::string(stale) + "/new/summary.csv", "half");
  }
  // Killed while it replaced files one by one: its old files are nowhere else.
  write_below(folder, "run/.partial-c/.offcut-partial", "");
  write_below(folder, "run/.partial-c/old/summary.csv", "old");
  write_below(folder, ".run.partial-mine/file", "mine");
  {
    OutputDirectory out(folder.path() / "run", kNames, "resolved.yaml");
    CHECK(!std::filesystem::exists(folder.path() / ".run.partial-a"));
    CHECK(!std::filesystem::exists(folder.path() / "run/.partial-b"));
    CHECK(std::filesystem::exists(folder.path() / "run/.partial-c/old/summary.csv"));
    write(out.file("summary.csv"), "new");
    out.commit();
  }
  CHECK(contents(folder.path()) == Files{{"run", "(folder)"},
                                         {"run/notes.txt", "mine"},
                                         {"run/summary.csv", "new"},
                                         {".run.partial-mine", "(folder)"},
                                         {".run.partial-mine/file", "mine"}});
}

}  // namespace offcut::output_directory_test
