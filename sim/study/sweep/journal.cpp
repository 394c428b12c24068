// Keeps finished runs in a text file. Each line has a check sum, so that the last one, which a kill
// may have cut, is recognised; a reader keeps only the places of runs, so that a journal of a
// million runs takes little memory.

#include "sim/study/sweep/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "models/base/content_hash.h"
#include "models/base/error.h"
#include "models/base/output_error.h"

namespace offcut::study {

// The name is apart, since journals may lack it.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(JournalHead, sweep, program, before, figures, is_text, after,
                                   parameters, points, variants, replications, most_replications,
                                   confidence, chosen, shard, shards)

namespace {

using Json = nlohmann::json;

constexpr std::string_view kMark = "offcut sweep journal 1 ";
constexpr std::size_t kHexDigits = 16;

std::uint64_t check_sum(std::string_view text) {
  ContentHash hash;
  hash.add(text);
  return hash.value();
}

constexpr std::string_view kEndLine = "end";

/// Returns the text as a line with its check sum.
std::string checked_line(std::string_view text) {
  return fmt::format("{:016x} {}\n", check_sum(text), text);
}

std::string line_of(const FinishedJob& job) {
  const Json json = {job.before, job.after, job.rows};
  return checked_line(fmt::format("{} {:016x} {} {}", job.number, job.settings,
                                  job.has_failed ? "failed" : "done",
                                  json.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

/// Returns the text of a line; nothing if the line is not complete.
std::optional<std::string_view> checked_text(std::string_view line) {
  if (line.size() <= kHexDigits + 1 || line[kHexDigits] != ' ') {
    return std::nullopt;
  }
  std::uint64_t sum = 0;
  std::from_chars(line.data(), line.data() + kHexDigits, sum, 16);
  line.remove_prefix(kHexDigits + 1);
  return sum == check_sum(line) ? std::optional(line) : std::nullopt;
}

/// A run's line. `json` is a view into it.
struct RunLine {
  JournalEntry entry;
  std::string_view json;
};

RunLine parse_run(std::string_view text) {
  RunLine line;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, line.entry.number);
  const auto settings = std::from_chars(number.ptr + 1, end, line.entry.settings, 16);
  const std::string_view rest(settings.ptr + 1, static_cast<std::size_t>(end - settings.ptr - 1));
  line.entry.has_failed = rest.starts_with("failed");
  line.json = rest.substr(rest.find(' ') + 1);
  return line;
}

/// Reads the next line without its line feed. Returns false at the end of the file, and for a last
/// line without a line feed.
bool read_line(std::FILE* file, std::string& line) {
  std::array<char, 65536> buffer;
  line.clear();
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), file) != nullptr) {
    line += buffer.data();
    if (line.back() == '\n') {
      line.pop_back();
      return true;
    }
  }
  return false;
}

}  // namespace

Journal::Journal(const std::filesystem::path& path, const JournalHead& head)
    : path_(path.string()) {
  // Not truncated before it is locked: another process may be writing it.
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) {
    throw OutputError({path_}, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
  lock();
  if (ftruncate(file_, 0) != 0) {
    throw OutputError({path_}, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
  Json json = head;
  json["name"] = head.name;
  write(fmt::format("{}{}\n", kMark,
                    json.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

Journal::Journal(const std::filesystem::path& path) : path_(path.string()) {
  file_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file_ < 0) {
    throw OutputError({path_}, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
  lock();
  size_ = JournalReader(path).size();
  if (ftruncate(file_, static_cast<off_t>(size_)) != 0) {
    throw OutputError({path_}, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
}

Journal::~Journal() { close(file_); }

void Journal::lock() {
  // Some file systems of clusters have no locks.
  if (flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(file_);
    throw InputError({path_},
                     "another process is running this sweep; expected it to end first, or "
                     "another --out");
  }
}

void Journal::add(const FinishedJob& job) { write(line_of(job)); }

void Journal::end() { write(checked_line(kEndLine)); }

void Journal::write(std::string_view line) {
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t count = ::write(file_, line.data() + done, line.size() - done);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      const std::string reason = std::strerror(errno);
      // Takes the incomplete line back. If that fails, too, readers still ignore it.
      [[maybe_unused]] const int ignored = ftruncate(file_, static_cast<off_t>(size_));
      throw OutputError({path_}, fmt::format("cannot be written: {}; the finished runs are kept, "
                                             "--resume goes on after them",
                                             reason));
    }
    done += static_cast<std::size_t>(count);
  }
  size_ += line.size();
}

JournalReader::JournalReader(const std::filesystem::path& path)
    : path_(path.string()), file_(std::fopen(path_.c_str(), "rbe")) {
  if (!file_) {
    throw InputError({path_}, fmt::format("cannot be read: {}", std::strerror(errno)));
  }
  std::string line;
  const bool has_head = read_line(file_.get(), line) && line.starts_with(kMark);
  const Json head =
      has_head ? Json::parse(line.substr(kMark.size()), nullptr, false) : Json::object();
  if (!has_head || head.is_discarded()) {
    throw InputError({path_}, "is not the journal of a sweep");
  }
  head_ = head;
  head_.name = head.value("name", "");
  size_ = line.size() + 1;
  while (read_line(file_.get(), line)) {
    const auto text = checked_text(line);
    if (!text) {
      break;  // Cut by a full disk or a kill: what follows is not trusted.
    }
    has_ended_ = *text == kEndLine;
    if (!has_ended_) {
      entries_.push_back(parse_run(*text).entry);
      entries_.back().offset = size_;
      entries_.back().bytes = static_cast<std::uint32_t>(line.size());
    }
    size_ += line.size() + 1;
  }
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const auto& a, const auto& b) { return a.number < b.number; });
  // Of equal ones, the last.
  const auto first =
      std::unique(entries_.rbegin(), entries_.rend(), [](const auto& a, const auto& b) {
        return a.number == b.number;
      }).base();
  entries_.erase(entries_.begin(), first);
}

const JournalEntry* JournalReader::find(std::uint64_t number) const {
  const auto found = std::lower_bound(
      entries_.begin(), entries_.end(), number,
      [](const JournalEntry& entry, std::uint64_t wanted) { return entry.number < wanted; });
  return found != entries_.end() && found->number == number ? &*found : nullptr;
}

FinishedJob JournalReader::read(const JournalEntry& entry) const {
  std::string line(entry.bytes, '\0');
  if (std::fseek(file_.get(), static_cast<long>(entry.offset), SEEK_SET) != 0 ||
      std::fread(line.data(), 1, line.size(), file_.get()) != line.size()) {
    throw InputError({path_}, "changed while it was read");
  }
  const auto text = checked_text(line);
  if (!text) {
    throw InputError({path_}, "changed while it was read");
  }
  const Json json = Json::parse(parse_run(*text).json);
  return {.number = entry.number,
          .settings = entry.settings,
          .before = json.at(0),
          .after = json.at(1),
          .rows = json.at(2).get<std::vector<std::string>>(),
          .has_failed = entry.has_failed};
}

}  // namespace offcut::study
