// The document of --json. There is one per process, as there is one standard output: errors end up
// in it wherever they are caught. Rows of tables come as CSV, so that both forms have the same
// columns, numbers and gaps.

#include "sim/cli/json_document.h"

#include "models/base/csv_rows.h"
#include "models/base/output_error.h"
#include "sim/cli/console.h"

namespace offcut::cli {
namespace {

struct State {
  Json document;  // Null: --json is not given.
  bool is_printed = false;
};

State& state() {
  static State only;
  return only;
}

/// Returns a field of a CSV row.
Json field_value(const std::string& field, bool is_text) {
  if (field.empty()) {
    return {};
  }
  if (is_text) {
    return field;
  }
  Json number = Json::parse(field, nullptr, false);
  return number.is_number() ? number : Json();  // Infinity and NaN are not JSON.
}

}  // namespace

void begin_json(const std::string& command) {
  state().document = {{"offcut", OFFCUT_VERSION}, {"command", command}};
  set_document_only();
}

bool is_json() { return !state().document.is_null(); }

Json& json_content() { return state().document; }

void print_json() {
  state().is_printed = true;
  // Names from files may hold anything: what is not ASCII is escaped, what is not UTF-8 replaced.
  write_document(state().document.dump(2, ' ', true, Json::error_handler_t::replace) + '\n');
}

void print_json_errors(const std::vector<Diagnostic>& errors) {
  if (!is_json() || state().is_printed) {
    return;
  }
  json_content()["errors"] = to_json(errors);
  try {
    print_json();
    flush_output();
  } catch (const OutputError&) {  // The error is on standard error, too.
  }
}

Json to_json(const std::vector<Diagnostic>& errors) {
  Json list = Json::array();
  for (const Diagnostic& error : errors) {
    const auto [file, line, column] = error.place;
    list.push_back({{"file", file},
                    {"line", line > 0 ? Json(line) : Json()},
                    {"column", line > 0 ? Json(column) : Json()},
                    {"message", error.message}});
  }
  return list;
}

Json to_json(const KeptTable& table) {
  Json rows = Json::array();
  for (const std::string& line : table.lines) {
    const std::vector<std::string> fields = csv_fields(line);
    Json& row = rows.emplace_back(Json::object());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const KeptColumn& column = table.columns[i];
      row.emplace(column.text.name, field_value(fields[i], column.is_text));
    }
  }
  return rows;
}

}  // namespace offcut::cli
