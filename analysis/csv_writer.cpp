#include "analysis/csv_writer.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut {
namespace {

constexpr std::size_t kFlushAt = std::size_t{1} << 16U;
constexpr std::size_t kLongestNumber = 32;  // 17 digits, or 16 zeros and dots, and an exponent

bool needs_quotes(char c) { return c == ',' || c == '"' || c == '\n' || c == '\r'; }

}  // namespace

CsvWriter::CsvWriter(const std::string& path, std::vector<std::string> header)
    : path_(path), file_(path, std::ios::binary), columns_(header.size()) {
  if (!file_) {
    throw std::runtime_error("can't write " + path);
  }
  for (const std::string& name : header) {
    text(name);
  }
  end_row();
}

void CsvWriter::separate() {
  if (fields_++ > 0) {
    buffer_ += ',';
  }
}

CsvWriter& CsvWriter::text(std::string_view value) {
  separate();
  if (std::none_of(value.begin(), value.end(), needs_quotes)) {
    buffer_ += value;
    return *this;
  }
  buffer_ += '"';
  for (const char c : value) {
    buffer_.append(c == '"' ? 2 : 1, c);
  }
  buffer_ += '"';
  return *this;
}

CsvWriter& CsvWriter::number(double value) {
  // The same text, several times as fast; many fields are zeros and counts of bytes.
  constexpr double kLargest = 1e15;
  if (std::abs(value) < kLargest && value == std::trunc(value) && !std::signbit(value)) {
    return integer(static_cast<std::int64_t>(value));
  }
  separate();
  char text[kLongestNumber];
  buffer_.append(text, fmt::format_to(text, FMT_COMPILE("{}"), value));
  return *this;
}

CsvWriter& CsvWriter::integer(std::int64_t value) {
  separate();
  const fmt::format_int text(value);
  buffer_.append(text.data(), text.size());
  return *this;
}

CsvWriter& CsvWriter::empty() {
  separate();
  return *this;
}

void CsvWriter::end_row() {
  if (fields_ != columns_) {
    throw std::logic_error(
        fmt::format("{}: a row of {} fields, expected {}", path_, fields_, columns_));
  }
  fields_ = 0;
  buffer_ += '\n';
  if (buffer_.size() > kFlushAt) {
    flush();
  }
}

void CsvWriter::flush() {
  file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

void CsvWriter::close() {
  flush();
  file_.close();
  if (!file_) {
    throw std::runtime_error("can't write " + path_ + " (is the disk full?)");
  }
}

}  // namespace offcut
