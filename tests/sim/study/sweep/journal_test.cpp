#include "sim/study/sweep/journal.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "models/base/error.h"
#include "tests/temporary_folder.h"

namespace offcut::study::journal_test {
namespace {

JournalHead small_head() {
  return {.sweep = "s",
          .program = "p",
          .before = {"point"},
          .figures = {"x"},
          .is_text = {false},
          .after = {"error"},
          .points = 3,
          .variants = {""},
          .replications = 1,
          .most_replications = 1,
          .confidence = 0.95,
          .name = "n"};
}

FinishedJob job(std::uint64_t number, const std::string& row, bool has_failed = false) {
  return {.number = number,
          .settings = 7 * number,
          .before = "\"a,\"\"b\"\"\"",
          .after = "\xC3\xA9",
          .rows = {row, "second"},
          .has_failed = has_failed};
}

void check_equal(const FinishedJob& a, const FinishedJob& b) {
  CHECK(a.number == b.number);
  CHECK(a.settings == b.settings);
  CHECK(a.before == b.before);
  CHECK(a.after == b.after);
  CHECK(a.rows == b.rows);
  CHECK(a.has_failed == b.has_failed);
}

}  // namespace

TEST_CASE("journal: runs come back in the order of their numbers, the last of each") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "j";
  {
    Journal journal(path, small_head());
    journal.add(job(2, "two"));
    journal.add(job(0, "zero", true));
    journal.add(job(0, "zero again"));
    CHECK(!JournalReader(path).has_ended());
    journal.end();
  }
  const JournalReader reader(path);
  CHECK(reader.has_ended());
  CHECK(reader.head().variants == std::vector<std::string>{""});
  CHECK(reader.head().confidence == 0.95);
  CHECK(reader.head().name == "n");
  REQUIRE(reader.entries().size() == 2);
  check_equal(reader.read(reader.entries()[0]), job(0, "zero again"));
  check_equal(reader.read(reader.entries()[1]), job(2, "two"));
}

TEST_CASE("journal: whatever is cut off its end, only the last runs are lost") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "j";
  {
    Journal journal(path, small_head());
    for (std::uint64_t i = 0; i < 3; ++i) {
      journal.add(job(i, std::string(20 * i, 'x')));
    }
  }
  const std::string whole = read_file(path);
  const std::size_t head = whole.find('\n') + 1;
  std::size_t before = 3;
  for (std::size_t size = whole.size(); size >= head; --size) {
    folder.write("cut", whole.substr(0, size));
    const JournalReader reader(folder.path() / "cut");
    CHECK(reader.entries().size() <= before);
    before = reader.entries().size();
    for (const JournalEntry& entry : reader.entries()) {
      check_equal(reader.read(entry), job(entry.number, std::string(20 * entry.number, 'x')));
    }
    if (size % 7 == 0) {  // It goes on after the last complete line.
      {
        Journal journal(folder.path() / "cut");
        journal.add(job(9, "nine"));
      }
      const JournalReader longer(folder.path() / "cut");
      CHECK(longer.entries().size() == before + 1);
      check_equal(longer.read(longer.entries().back()), job(9, "nine"));
    }
  }
  CHECK(before == 0);
}

TEST_CASE("journal: a damaged line and all after it are not trusted") {
  const TemporaryFolder folder;
  {
    Journal journal(folder.path() / "j", small_head());
    for (std::uint64_t i = 0; i < 3; ++i) {
      journal.add(job(i, "row"));
    }
  }
  std::string text = read_file(folder.path() / "j");
  text[text.find("row", text.find("row") + 1)] = 'R';
  folder.write("j", text);
  CHECK(JournalReader(folder.path() / "j").entries().size() == 1);
}

TEST_CASE("journal: another file, or none, is an error") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(JournalReader(folder.path() / "none"), InputError);
  CHECK_THROWS_AS(JournalReader(folder.write("text", "hello\n")), InputError);
  CHECK_THROWS_AS(JournalReader(folder.write("empty", "")), InputError);
  CHECK_THROWS_AS(JournalReader(folder.write("bad", "offcut sweep journal 1 {\n")), InputError);
}

TEST_CASE("journal: a second writer is refused, and a killed one loses nothing") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "j";
  const pid_t child = fork();
  if (child == 0) {
    Journal journal(path, small_head());
    journal.add(job(1, "one"));
    raise(SIGSTOP);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, WUNTRACED);
  CHECK_THROWS_WITH_AS(Journal{path}, doctest::Contains("another process is running this sweep"),
                       InputError);
  CHECK_THROWS_AS((Journal{path, small_head()}), InputError);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  CHECK(JournalReader(path).entries().size() == 1);
  Journal journal(path);
  journal.add(job(2, "two"));
  CHECK(JournalReader(path).entries().size() == 2);
}

}  // namespace offcut::study::journal_test
