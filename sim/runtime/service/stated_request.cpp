// Reads what a request states. The keys of an object come in any order: an array of numbers is read
// at once if the object has said which input it is, and otherwise when the request is checked.
// Nothing is allocated by what a request claims: tensors have the types of the model.

#include "sim/runtime/service/stated_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "models/base/error.h"
#include "sim/runtime/service/datatypes.h"
#include "sim/runtime/service/tensor_json.h"

namespace offcut::runtime {
namespace {

constexpr std::size_t kMostExtents = 64;
constexpr std::size_t kMostTensors = 1024;  // Of a request. No model has as many.

std::int64_t whole_number(JsonCursor& cursor, const std::string& what) {
  const JsonCursor before = cursor;
  const std::string_view text = cursor.number();
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < 0) {
    before.fail(fmt::format("{}: expected a whole number, got {}", what, text.substr(0, 40)));
  }
  return value;
}

/// Refuses parameters of extensions that the service does not have and that change the meaning of a
/// request.
void refuse_extension(const JsonCursor& cursor, const std::string& key) {
  for (const std::string_view prefix : {"shared_memory_", "sequence_", "classification"}) {
    if (key.starts_with(prefix)) {
      cursor.fail(fmt::format("the parameter {} is not supported", in_quotes(key)));
    }
  }
}

/// Calls `known` with each key of "parameters"; it returns whether it has read the value.
template <class Known>
void parameters(JsonCursor& cursor, Known known) {
  cursor.object([&](const std::string& key) {
    refuse_extension(cursor, key);
    if (!known(key)) {
      cursor.skip();
    }
  });
}

/// Refuses keys that come twice: readers disagree on which of them counts.
class Keys {
 public:
  void add(const JsonCursor& cursor, const std::string& key) {
    if (!seen_.insert(key).second) {
      cursor.fail(fmt::format("the key {} comes twice", in_quotes(key)));
    }
    if (seen_.size() > kMostTensors) {
      cursor.fail("an object has too many keys");
    }
  }

 private:
  std::set<std::string> seen_;
};

Shape read_shape(JsonCursor& cursor) {
  Shape shape;
  cursor.array([&] {
    if (shape.size() == kMostExtents) {
      cursor.fail(fmt::format("a shape has at most {} extents", kMostExtents));
    }
    shape.push_back(whole_number(cursor, "shape"));
  });
  return shape;
}

void read_data_of(JsonCursor& cursor, const ModelSpec& model, StatedInput& input) {
  input.data = cursor;
  const TensorSpec* spec = input.name ? find_spec(model.inputs, *input.name) : nullptr;
  if (spec != nullptr && input.has_type(spec->type)) {
    input.tensor = read_data(cursor, spec->type, input_text(spec->name));
  } else {
    cursor.skip();
  }
}

StatedInput read_input(JsonCursor& cursor, const ModelSpec& model) {
  StatedInput input;
  Keys keys;
  cursor.object([&](const std::string& key) {
    keys.add(cursor, key);
    if (key == "name") {
      input.name = cursor.string();
    } else if (key == "datatype") {
      input.datatype = cursor.string();
    } else if (key == "shape") {
      input.shape = read_shape(cursor);
    } else if (key == "data") {
      read_data_of(cursor, model, input);
    } else if (key == "parameters") {
      parameters(cursor, [&](const std::string& name) {
        if (name != "binary_data_size") {
          return false;
        }
        input.binary_bytes = static_cast<std::size_t>(whole_number(cursor, name));
        return true;
      });
    } else {
      cursor.skip();
    }
  });
  return input;
}

StatedOutput read_output(JsonCursor& cursor) {
  StatedOutput output;
  Keys keys;
  cursor.object([&](const std::string& key) {
    keys.add(cursor, key);
    if (key == "name") {
      output.name = cursor.string();
    } else if (key == "parameters") {
      parameters(cursor, [&](const std::string& name) {
        if (name != "binary_data") {
          return false;
        }
        output.binary = cursor.boolean();
        return true;
      });
    } else {
      cursor.skip();
    }
  });
  return output;
}

template <class T, class Read>
std::vector<T> read_list(JsonCursor& cursor, Read read) {
  std::vector<T> list;
  cursor.array([&] {
    if (list.size() == kMostTensors) {
      cursor.fail(fmt::format("expected at most {} tensors", kMostTensors));
    }
    list.push_back(read(cursor));
  });
  return list;
}

}  // namespace

const TensorSpec* find_spec(const std::vector<TensorSpec>& specs, const std::string& name) {
  const auto found = std::find_if(specs.begin(), specs.end(),
                                  [&](const TensorSpec& spec) { return spec.name == name; });
  return found != specs.end() ? &*found : nullptr;
}

std::string input_text(const std::string& name) { return fmt::format("input {}", in_quotes(name)); }

bool StatedInput::has_type(const TensorType& type) const {
  return datatype == runtime::datatype(type.type) && shape == type.shape;
}

Stated read_stated(std::string_view json, const ModelSpec& model) {
  JsonCursor cursor(json);
  Stated stated;
  Keys keys;
  cursor.object([&](const std::string& key) {
    keys.add(cursor, key);
    if (key == "id") {
      stated.id = cursor.string();
    } else if (key == "inputs") {
      stated.inputs =
          read_list<StatedInput>(cursor, [&](JsonCursor& at) { return read_input(at, model); });
    } else if (key == "outputs") {
      stated.outputs = read_list<StatedOutput>(cursor, read_output);
    } else if (key == "parameters") {
      parameters(cursor, [&](const std::string& name) {
        if (name != "binary_data_output") {
          return false;
        }
        stated.binary = cursor.boolean();
        return true;
      });
    } else {
      cursor.skip();
    }
  });
  cursor.end();
  return stated;
}

}  // namespace offcut::runtime
