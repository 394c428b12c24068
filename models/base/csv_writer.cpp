// Writes CSV through its own buffer. Numbers are formatted here rather than by fmt, which gives the
// same text at half the speed: requests.csv has twenty of them for each request. Dragonbox finds
// their digits.
#include "models/base/csv_writer.h"

#include <dragonbox/dragonbox.h>
#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/output_error.h"

namespace offcut {
namespace {

constexpr std::size_t kFlushAt = std::size_t{1} << 16U;
constexpr std::size_t kMostDigits = 20;  // Digits and sign of a 64-bit integer.
constexpr double kExponentsFrom = 1e15;  // Smaller numbers are written without an exponent.

bool needs_quotes(char c) { return c == ',' || c == '"' || c == '\n' || c == '\r'; }

/// Writes the shortest text that reads back as `value`, which is also what fmt's "{}" gives, and
/// returns its end. The digits come from Dragonbox, as in fmt; placing them here takes half the
/// time.
char* write_shortest(double value, char* to) {
  if (!(value >= 1e-4 && value < kExponentsFrom)) {  // Such values are rare.
    return fmt::format_to(to, FMT_COMPILE("{}"), value);
  }
  const auto [digits, exponent] =
      jkj::dragonbox::to_decimal(value, jkj::dragonbox::policy::sign::ignore);
  if (value < 1) {
    constexpr std::string_view kZeros = "0.000";
    to = std::copy(kZeros.begin(), kZeros.end(), to);
    to -= (value >= 1e-3 ? 1 : 0) + (value >= 1e-2 ? 1 : 0) + (value >= 1e-1 ? 1 : 0);
    return std::to_chars(to, to + kMostDigits, digits).ptr;
  }
  char* const end = std::to_chars(to + 1, to + 1 + kMostDigits, digits).ptr;
  for (const char* const fraction = end + exponent; to + 1 < fraction; ++to) {
    *to = to[1];
  }
  *to = '.';
  return end;
}

}  // namespace

CsvWriter::CsvWriter(const std::string& path, const std::vector<std::string>& header,
                     CsvQuotes quotes)
    : path_(path), file_(path, std::ios::binary), buffer_(2 * kFlushAt), last_(header.size()) {
  if (!file_) {
    throw InputError({path}, "cannot be written");
  }
  for (const std::string& name : header) {
    text(name);
  }
  end_row();
  quotes_ = quotes;
}

CsvWriter::CsvWriter(std::string& rows, std::size_t fields, CsvQuotes quotes)
    : path_("rows"), quotes_(quotes), rows_(&rows), buffer_(2 * kFlushAt), last_(fields) {}

char* CsvWriter::begin_field(std::size_t room) {
  const std::size_t needed = used_ + room + 2;  // With a comma before or a line feed after it.
  if (needed > buffer_.size()) {
    buffer_.resize(2 * needed);
  }
  if (fields_++ > 0) {
    buffer_[used_++] = ',';
  }
  return buffer_.data() + used_;
}

CsvWriter& CsvWriter::end_field(const char* end) {
  used_ = static_cast<std::size_t>(end - buffer_.data());
  return *this;
}

CsvWriter& CsvWriter::text(std::string_view value) {
  char* to = begin_field(2 * value.size() + 2);
  if (quotes_ == CsvQuotes::where_needed &&
      std::none_of(value.begin(), value.end(), needs_quotes)) {
    return end_field(std::copy(value.begin(), value.end(), to));
  }
  *to++ = '"';
  for (const char c : value) {
    to = std::fill_n(to, c == '"' ? 2 : 1, c);
  }
  *to++ = '"';
  return end_field(to);
}

CsvWriter& CsvWriter::number(double value) {
  // Many fields are zeros and byte counts: as integers, they give the same text several times
  // faster.
  if (std::abs(value) < kExponentsFrom && value == std::trunc(value) && !std::signbit(value)) {
    return integer(static_cast<std::int64_t>(value));
  }
  char* const to = begin_field(sizeof(NumberText::text));
  NumberText& last = last_[std::min(fields_, last_.size()) - 1];  // end_row() rejects long rows.
  if (value != last.value) {
    last.value = value;
    last.size = 0;
    return end_field(write_shortest(value, to));
  }
  if (last.size == 0) {
    char* const text = last.text.data();
    last.size = static_cast<std::size_t>(write_shortest(value, text) - text);
  }
  std::memcpy(to, last.text.data(), last.text.size());  // A fixed size is faster.
  return end_field(to + last.size);
}

CsvWriter& CsvWriter::integer(std::int64_t value) {
  char* const to = begin_field(kMostDigits);
  return end_field(std::to_chars(to, to + kMostDigits, value).ptr);
}

CsvWriter& CsvWriter::empty() { return end_field(begin_field(0)); }

void CsvWriter::end_row() {
  if (fields_ != last_.size()) {
    throw std::logic_error(
        fmt::format("{}: a row of {} fields, expected {}", path_, fields_, last_.size()));
  }
  fields_ = 0;
  buffer_[used_++] = '\n';
  if (used_ > kFlushAt) {
    flush();
  }
}

void CsvWriter::flush() {
  if (rows_ != nullptr) {
    rows_->append(buffer_.data(), used_);
  } else {
    file_.write(buffer_.data(), static_cast<std::streamsize>(used_));
  }
  used_ = 0;
}

void CsvWriter::close() {
  flush();
  file_.close();
  if (!file_ && rows_ == nullptr) {
    throw OutputError({path_}, "cannot be written (is the disk full?)");
  }
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  CsvWriter writer(line, fields.size());
  for (const std::string& field : fields) {
    writer.text(field);
  }
  writer.end_row();
  writer.close();
  line.pop_back();
  return line;
}

}  // namespace offcut
