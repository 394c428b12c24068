// Canonical Huffman codes: the lengths alone give the codes, since the codes of one length are
// consecutive numbers in the order of their symbols (Schwartz, Kallick, CACM 7(3), 1964).

#include "models/compress/huffman.h"

#include <algorithm>
#include <queue>
#include <stdexcept>
#include <tuple>

namespace offcut::compress {
namespace {

constexpr int kLengthBits = 6;
constexpr int kMostLength = (1 << kLengthBits) - 1;

struct Code {
  std::uint64_t bits = 0;
  int length = 0;
};

std::vector<std::size_t> in_canonical_order(const std::vector<int>& lengths) {
  std::vector<std::size_t> order;
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    if (lengths[symbol] > 0) {
      order.push_back(symbol);
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] < lengths[b]; });
  return order;
}

std::vector<Code> codes_of(const std::vector<int>& lengths) {
  std::vector<Code> codes(lengths.size());
  std::uint64_t next = 0;
  int length = 0;
  for (const std::size_t symbol : in_canonical_order(lengths)) {
    next <<= lengths[symbol] - length;
    length = lengths[symbol];
    codes[symbol] = {next++, length};
  }
  return codes;
}

/// Writes bits, the highest of a code first.
class BitWriter {
 public:
  explicit BitWriter(codec::ByteWriter& out) : out_(out) {}
  void add(std::uint64_t bits, int count) {
    for (int i = count - 1; i >= 0; --i) {
      pending_ = static_cast<std::uint8_t>(pending_ << 1 | (bits >> i & 1));
      if (++held_ == 8) {
        out_.byte(pending_);
        held_ = 0;
      }
    }
  }
  void finish() {
    while (held_ != 0) {
      add(0, 1);
    }
  }

 private:
  codec::ByteWriter& out_;
  std::uint8_t pending_ = 0;
  int held_ = 0;
};

class BitReader {
 public:
  explicit BitReader(codec::ByteReader& in) : in_(in) {}
  unsigned next() {
    if (left_ == 0) {
      byte_ = in_.byte();
      left_ = 8;
    }
    return byte_ >> --left_ & 1U;
  }
  unsigned next(int count) {
    unsigned value = 0;
    for (int i = 0; i < count; ++i) {
      value = value << 1 | next();
    }
    return value;
  }

 private:
  codec::ByteReader& in_;
  unsigned byte_ = 0;
  int left_ = 0;
};

}  // namespace

std::vector<int> huffman_lengths(std::span<const std::uint64_t> counts) {
  // Nodes are symbols, then pairs; the earliest of equal ones is taken first.
  using Entry = std::pair<std::uint64_t, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  std::vector<std::size_t> parent(counts.size());
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    if (counts[symbol] > 0) {
      open.emplace(counts[symbol], symbol);
    }
  }
  std::vector<int> lengths(counts.size(), 0);
  if (open.size() == 1) {
    lengths[open.top().second] = 1;
    return lengths;
  }
  while (open.size() > 1) {
    const Entry a = open.top();
    open.pop();
    const Entry b = open.top();
    open.pop();
    parent[a.second] = parent[b.second] = parent.size();
    open.emplace(a.first + b.first, parent.size());
    parent.push_back(0);
  }
  std::vector<int> depth(parent.size(), 0);
  for (std::size_t node = parent.size(); node-- > 0;) {
    const bool is_root = node + 1 == parent.size();
    const bool occurs = node >= counts.size() || counts[node] > 0;
    depth[node] = is_root || !occurs ? 0 : depth[parent[node]] + 1;
  }
  std::copy_n(depth.begin(), lengths.size(), lengths.begin());
  return lengths;
}

void write_huffman(std::span<const std::uint8_t> symbols, std::size_t alphabet,
                   codec::ByteWriter& out) {
  std::vector<std::uint64_t> counts(alphabet, 0);
  for (const std::uint8_t symbol : symbols) {
    ++counts.at(symbol);
  }
  const std::vector<int> lengths = huffman_lengths(counts);
  BitWriter bits(out);
  for (const int length : lengths) {
    bits.add(length > 0 ? 1 : 0, 1);
    if (length > 0) {
      bits.add(static_cast<std::uint64_t>(length), kLengthBits);
    }
  }
  const std::vector<Code> codes = codes_of(lengths);
  for (const std::uint8_t symbol : symbols) {
    bits.add(codes[symbol].bits, codes[symbol].length);
  }
  bits.finish();
}

std::vector<std::uint8_t> read_huffman(std::size_t count, std::size_t alphabet,
                                       codec::ByteReader& in) {
  BitReader bits(in);
  std::vector<int> lengths(alphabet, 0);
  for (int& length : lengths) {
    length = bits.next() != 0 ? static_cast<int>(bits.next(kLengthBits)) : 0;
  }
  const std::vector<Code> codes = codes_of(lengths);
  const std::vector<std::size_t> order = in_canonical_order(lengths);
  // Of each length, the first code and its place in the order.
  std::vector<std::pair<std::uint64_t, std::size_t>> first(kMostLength + 1, {0, 0});
  std::vector<std::size_t> many(kMostLength + 1, 0);
  for (std::size_t place = order.size(); place-- > 0;) {
    const Code& code = codes[order[place]];
    first[static_cast<std::size_t>(code.length)] = {code.bits, place};
    ++many[static_cast<std::size_t>(code.length)];
  }
  std::vector<std::uint8_t> symbols;
  while (symbols.size() < count) {
    std::uint64_t code = 0;
    std::size_t length = 0;
    do {
      code = code << 1 | bits.next();
      if (++length > static_cast<std::size_t>(kMostLength)) {
        throw std::invalid_argument("these bytes are no Huffman code");
      }
    } while (many[length] == 0 || code - first[length].first >= many[length]);
    symbols.push_back(static_cast<std::uint8_t>(
        order[first[length].second + static_cast<std::size_t>(code - first[length].first)]));
  }
  return symbols;
}

}  // namespace offcut::compress
