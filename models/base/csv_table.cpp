// CSV files with named columns. The header is checked against the valid names, fields are converted
// and checked on request, and errors collect until the reader of the file has seen all its rows.
#include "models/base/csv_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "models/base/lower_case.h"

namespace offcut {
namespace {

/// Parses the whole text as a number from `least` to `most`.
template <class T>
std::optional<T> parse(const std::string& text, T least, T most) {
  T value{};
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, value);
  const bool fits = error == std::errc() && end == text_end && value >= least && value <= most;
  return fits ? std::optional(value) : std::nullopt;
}

/// Returns whether the name differs from a known one only in its case or a final s.
bool is_variant(std::string_view name, const std::vector<std::string>& known) {
  const auto plain = [](std::string_view text) {
    const std::string lower = lower_case(text);
    return lower.ends_with('s') ? lower.substr(0, lower.size() - 1) : lower;
  };
  return std::any_of(known.begin(), known.end(),
                     [&](const std::string& other) { return plain(other) == plain(name); });
}

/// Returns whether one letter of a name is changed, added or omitted in the other.
bool differs_by_a_letter(std::string_view a, std::string_view b) {
  const auto first = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  a.remove_prefix(static_cast<std::size_t>(first.first - a.begin()));
  b.remove_prefix(static_cast<std::size_t>(first.second - b.begin()));
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  return std::max(a.size(), b.size()) == 1;
}

/// Returns whether an unknown column is taken for a known one, although others are ignored: it is a
/// variant of one, or a letter is wrong in one of those that may be missing.
bool is_mistaken(std::string_view name, const std::vector<std::string>& known,
                 const std::vector<std::string>& optional) {
  constexpr std::size_t kLetters = 5;  // Shorter names differ by one letter without being alike.
  return is_variant(name, known) ||
         std::any_of(optional.begin(), optional.end(), [&](const std::string& other) {
           return name.size() >= kLetters && differs_by_a_letter(name, other);
         });
}

/// Returns "; did you mean 'latency_s'?", with the unit if only that differs.
std::string column_suggestion(std::string_view name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  const std::size_t unit = near.rfind('_');
  const bool other_unit = unit != std::string::npos && name.rfind('_') == unit &&
                          name.substr(0, unit) == near.substr(0, unit) &&
                          !near.starts_with(name);  // Else only the end is missing.
  return other_unit ? fmt::format("; did you mean '{}', with values in {}?", near,
                                  near.substr(unit + 1))
                    : suggestion(name, known);
}

/// Returns the name without '@' and a number at its end.
std::string_view without_number(std::string_view name) {
  const std::size_t at = name.find_last_not_of("0123456789");
  const bool has_number = at != std::string_view::npos && at + 1 < name.size() && name[at] == '@';
  return has_number ? name.substr(0, at) : name;
}

std::string expected(std::string_view column, std::string_view kind, double least, double most,
                     const std::string& got) {
  return fmt::format("{}: expected {} from {} to {}, got {}", column, kind, least, most,
                     in_quotes(got));
}

/// Returns the character that seems to separate the names of columns in place of commas.
std::string_view wrong_separator(const CsvRow& header) {
  if (header.fields.size() > 1) {
    return "";
  }
  const std::string& only = header.fields.front();
  return only.find(';') != std::string::npos    ? "semicolons"
         : only.find('\t') != std::string::npos ? "tabs"
                                                : "";
}

}  // namespace

CsvTable::CsvTable(const std::string& path, std::string_view content, const CsvColumns& columns)
    : file_(read_csv(path, content)) {
  read_header(columns);
  stop_on_diagnostics();
}

void CsvTable::read_header(const CsvColumns& columns) {
  const CsvRow& header = file_.rows.front();
  std::vector<std::string> known = columns.required;
  known.insert(known.end(), columns.optional.begin(), columns.optional.end());
  known.insert(known.end(), columns.any_of.begin(), columns.any_of.end());
  const auto is_known = [&](const std::string& name) {
    const std::string_view plain = columns.has_numbers ? without_number(name) : name;
    return std::find(known.begin(), known.end(), name) != known.end() ||
           (!columns.suffix.empty() && plain.size() > columns.suffix.size() &&
            plain.ends_with(columns.suffix));
  };
  std::set<std::string> misspelt;  // These are not reported as missing, too.
  bool listed = false;             // One list of the valid names is enough.
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const std::string& name = header.fields[i];
    if (!is_known(name)) {
      if (columns.ignores_others && !is_mistaken(name, known, columns.optional)) {
        continue;
      }
      const std::string near = nearest(name, known);
      error(header, i,
            fmt::format("unknown column {}{}", in_quotes(name),
                        near.empty() && listed ? "" : column_suggestion(name, known)));
      misspelt.insert(near);
      listed = listed || near.empty();
    } else if (!column_.emplace(name, i).second) {
      error(header, i, fmt::format("column {} appears twice", in_quotes(name)));
    }
  }
  for (const std::string& name : columns.required) {
    if (!has(name) && !misspelt.contains(name)) {
      note_missing(name);
    }
  }
  if (!columns.any_of.empty() &&
      std::none_of(columns.any_of.begin(), columns.any_of.end(),
                   [&](const std::string& name) { return has(name) || misspelt.contains(name); })) {
    note_missing(columns.any_of.front());
  }
}

/// Notes that a column is missing, and which unknown one may be it.
void CsvTable::note_missing(const std::string& column) {
  const std::vector<std::string> only = {column};
  const auto near = std::find_if(columns().begin(), columns().end(), [&](const std::string& name) {
    return !has(name) && !nearest(name, only).empty();
  });
  const std::string_view separator = wrong_separator(header());
  const std::string hint = !separator.empty()
                               ? fmt::format("; expected commas between fields, got {}", separator)
                           : near == columns().end() ? ""
                                                     : fmt::format("; is it {}?", in_quotes(*near));
  error(file_.rows.front(), 0, fmt::format("column '{}' is missing{}", column, hint));
}

bool CsvTable::is_whole(const CsvRow& row) {
  if (row.fields.size() == columns().size()) {
    return true;
  }
  error(row, 0, fmt::format("{} fields, expected {}", row.fields.size(), columns().size()));
  return false;
}

const std::string& CsvTable::field(const CsvRow& row, std::string_view column) const {
  static const std::string nothing;
  const std::size_t index = column_.find(column)->second;
  return index < row.fields.size() ? row.fields[index] : nothing;
}

std::optional<double> CsvTable::number(const CsvRow& row, std::string_view column, double least,
                                       double most) {
  const std::string& text = field(row, column);
  const auto value = parse(text, least, most);
  if (!value) {
    error(row, column, expected(column, "a number", least, most, text));
  }
  return value;
}

std::optional<std::int64_t> CsvTable::whole_number(const CsvRow& row, std::string_view column,
                                                   std::int64_t least, std::int64_t most,
                                                   std::string_view kind) {
  const std::string& text = field(row, column);
  const auto value = parse(text, least, most);
  if (!value) {
    error(row, column,
          expected(column, kind, static_cast<double>(least), static_cast<double>(most), text));
  }
  return value;
}

Place CsvTable::place_of(const CsvRow& row, std::string_view column) const {
  return file_.place_of(row, column_.find(column)->second);
}

void CsvTable::error(const CsvRow& row, std::string_view column, std::string message) {
  error(row, column_.find(column)->second, std::move(message));
}

void CsvTable::error(const CsvRow& row, std::size_t field, std::string message) {
  diagnostics_.push_back({file_.place_of(row, field), std::move(message)});
}

void CsvTable::stop_on_diagnostics() {
  if (!diagnostics_.empty()) {
    throw InputError(std::exchange(diagnostics_, {}));
  }
}

}  // namespace offcut
