// The bytes of a saved run. A hash at their end tells a file that was cut or changed.

#include "models/train/run_state.h"

#include <cstring>
#include <stdexcept>

#include "models/base/content_hash.h"

namespace offcut::train {
namespace {

std::uint64_t hash_of(std::string_view bytes) {
  ContentHash hash;
  hash.add(bytes);
  return hash.value();
}

template <class T>
void append(std::string& bytes, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  bytes.append(raw, sizeof(T));
}

template <class T>
T value_of(std::string_view raw) {
  T value{};
  std::memcpy(&value, raw.data(), sizeof(T));
  return value;
}

}  // namespace

void StateWriter::integer(std::int64_t value) { append(bytes_, value); }
void StateWriter::number(double value) { append(bytes_, value); }

void StateWriter::text(std::string_view value) {
  integer(static_cast<std::int64_t>(value.size()));
  bytes_ += value;
}

void StateWriter::tensor(const Tensor& value) {
  integer(static_cast<std::int64_t>(value.type().type));
  integer(static_cast<std::int64_t>(value.shape().size()));
  for (const std::int64_t extent : value.shape()) {
    integer(extent);
  }
  bytes_.append(reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size());
}

std::string StateWriter::finished() const {
  std::string all = bytes_;
  append(all, hash_of(bytes_));
  return all;
}

StateReader::StateReader(std::string_view bytes) : bytes_(bytes) {
  constexpr std::size_t kHash = sizeof(std::uint64_t);
  if (bytes.size() < kHash) {
    throw std::invalid_argument("the state is not whole");
  }
  bytes_.remove_suffix(kHash);
  if (hash_of(bytes_) != value_of<std::uint64_t>(bytes.substr(bytes_.size()))) {
    throw std::invalid_argument("the state is not whole");
  }
}

std::string_view StateReader::take(std::size_t count) {
  if (count > bytes_.size()) {
    throw std::invalid_argument("the state is not of this form");
  }
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

std::int64_t StateReader::integer() { return value_of<std::int64_t>(take(sizeof(std::int64_t))); }

double StateReader::number() { return value_of<double>(take(sizeof(double))); }

std::string StateReader::text() {
  const std::int64_t size = integer();
  return std::string(take(size < 0 ? bytes_.size() + 1 : static_cast<std::size_t>(size)));
}

Tensor StateReader::tensor() {
  const std::int64_t type = integer();
  const std::int64_t rank = integer();
  constexpr std::int64_t kMostAxes = 64;
  if (type < 0 || type > static_cast<std::int64_t>(kLastDataType) || rank < 0 || rank > kMostAxes) {
    throw std::invalid_argument("the state is not of this form");
  }
  Shape shape;
  for (std::int64_t i = 0; i < rank; ++i) {
    shape.push_back(integer());
  }
  if (static_cast<DataType>(type) == DataType::absent) {
    return {};
  }
  const TensorType full{static_cast<DataType>(type), shape};
  const std::string_view raw = take(static_cast<std::size_t>(full.bytes()));
  Tensor tensor(full);
  std::memcpy(tensor.bytes().data(), raw.data(), raw.size());
  return tensor;
}

}  // namespace offcut::train
