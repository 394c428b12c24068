// Reads messages from bytes as they come, in pieces of any size. Headers, fields and short tensors
// pass through an inbox of a fixed size; longer ones are received in their own memory, and their
// checksum is summed up while the bytes are in the processor's cache.
#include "sim/runtime/transport/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "models/base/memory_limit.h"
#include "sim/runtime/transport/field_bytes.h"

namespace offcut::runtime {
namespace {

constexpr std::size_t kInboxBytes = std::size_t{16} << 10U;

/// A tensor is allocated as a whole once its size is at most this, and this many times of what has
/// come of its message. Until then, what comes of it is staged in pieces.
constexpr std::size_t kTrustedBytes = std::size_t{1} << 20U;
constexpr std::size_t kTrustedGrowth = 4;
constexpr std::size_t kStagedPiece = std::size_t{256} << 10U;

}  // namespace

FrameReader::FrameReader(std::size_t most_bytes) : most_bytes_(most_bytes), inbox_(kInboxBytes) {}

std::span<const std::byte> FrameReader::waiting() const {
  return std::span(inbox_).subspan(begin_, end_ - begin_);
}

std::array<std::span<std::byte>, 2> FrameReader::space() {
  if (begin_ > 0) {
    std::copy(inbox_.begin() + static_cast<std::ptrdiff_t>(begin_),
              inbox_.begin() + static_cast<std::ptrdiff_t>(end_), inbox_.begin());
    end_ -= std::exchange(begin_, 0);
  }
  std::span<std::byte> in_place;
  if (state_ == State::payload) {
    make_room();
    in_place = memory().subspan(filled_);
  }
  // A tensor that is not allocated as a whole is staged alone: what follows in the inbox would
  // belong before its rest.
  const bool ends_in_place = state_ == State::payload && !is_allocated_;
  return {in_place, ends_in_place ? std::span<std::byte>() : std::span(inbox_).subspan(end_)};
}

void FrameReader::received(std::size_t count, Seconds time) {
  if (!is_amid_message()) {
    first_ = time;
  }
  latest_ = time;
  if (state_ == State::payload) {
    const std::size_t in_place = std::min(count, memory().size() - filled_);
    fill(in_place);
    count -= in_place;
  }
  end_ += count;
}

std::optional<ReceivedMessage> FrameReader::next() {
  if (state_ == State::header) {
    if (waiting().size() < kHeaderBytes) {
      return std::nullopt;
    }
    begin_message();
  }
  if (state_ == State::fields && !read_fields()) {
    return std::nullopt;
  }
  if (state_ == State::payload && !read_payload()) {
    return std::nullopt;
  }
  if (header_.payload_bytes > 0) {
    if (waiting().size() < kTrailerBytes) {
      return std::nullopt;
    }
    FieldReader trailer(waiting().first(kTrailerBytes));
    begin_ += kTrailerBytes;
    if (trailer.number<std::uint64_t>() != checksum_.value()) {
      throw FrameError("the checksum of a message's tensors is wrong");
    }
  }
  return end_message();
}

void FrameReader::begin_message() {
  header_ = decode_header(waiting().first<kHeaderBytes>());
  begin_ += kHeaderBytes;
  if (header_.payload_bytes > most_bytes_ ||
      header_.field_bytes > most_bytes_ - header_.payload_bytes) {
    throw FrameError(fmt::format("a message of {} and {} bytes is larger than the {} bytes allowed",
                                 header_.field_bytes, header_.payload_bytes, most_bytes_));
  }
  fields_.clear();
  state_ = State::fields;
}

bool FrameReader::read_fields() {
  const auto bytes =
      waiting().first(std::min(waiting().size(), header_.field_bytes - fields_.size()));
  fields_.insert(fields_.end(), bytes.begin(), bytes.end());
  begin_ += bytes.size();
  if (fields_.size() < header_.field_bytes) {
    return false;
  }
  DecodedFields decoded = decode_fields(header_, fields_);
  message_ = std::move(decoded.message);
  parts_ = std::move(decoded.parts);
  checksum_.reset();
  payload_received_ = 0;
  part_ = 0;
  state_ = State::payload;
  if (!parts_.empty()) {
    begin_part();
  }
  return true;
}

bool FrameReader::read_payload() {
  while (part_ < parts_.size()) {
    while (filled_ < parts_[part_].bytes && !waiting().empty()) {
      make_room();
      const std::span<std::byte> room = memory().subspan(filled_);
      const std::size_t count = std::min(room.size(), waiting().size());
      std::ranges::copy(waiting().first(count), room.begin());
      begin_ += count;
      fill(count);
    }
    if (filled_ < parts_[part_].bytes) {
      return false;
    }
    end_part();
    if (++part_ < parts_.size()) {
      begin_part();
    }
  }
  state_ = State::trailer;
  return true;
}

void FrameReader::begin_part() {
  filled_ = 0;
  is_allocated_ = false;
  values_ = Tensor();
  encoded_.reset();
  staged_.clear();
}

void FrameReader::make_room() {
  const PayloadPart& part = parts_[part_];
  if (is_allocated_) {
    return;
  }
  if (part.bytes > kTrustedBytes + kTrustedGrowth * payload_received_) {
    if (filled_ == staged_.size()) {
      staged_.resize(std::min(part.bytes, filled_ + kStagedPiece));
    }
    return;
  }
  try {
    if (part.is_encoded) {
      encoded_ = std::make_shared<std::vector<std::byte>>(part.bytes);
    } else if (part.type.type != DataType::absent) {
      values_ = Tensor(part.type);
    }
  } catch (const MemoryError& error) {
    throw FrameError(fmt::format("no memory for a message: {}", error.what()));
  } catch (const std::bad_alloc&) {
    throw FrameError("no memory for a message");
  }
  is_allocated_ = true;
  std::copy_n(staged_.begin(), filled_, memory().begin());
  staged_ = {};
}

std::span<std::byte> FrameReader::memory() {
  if (!is_allocated_) {
    return staged_;
  }
  return encoded_ != nullptr ? std::span<std::byte>(*encoded_) : values_.bytes();
}

/// Takes bytes that have been written to memory().
void FrameReader::fill(std::size_t count) {
  checksum_.add(memory().subspan(filled_, count));
  filled_ += count;
  payload_received_ += count;
}

void FrameReader::end_part() {
  make_room();  // It has come as a whole, so that it is allocated now at the latest.
  MessageTensor& tensor = message_.tensors[part_];
  tensor.values = std::move(values_);
  tensor.encoded = std::move(encoded_);
}

ReceivedMessage FrameReader::end_message() {
  state_ = State::header;
  ReceivedMessage received{std::move(message_), {first_, latest_}};
  message_ = {};
  parts_.clear();
  first_ = latest_;  // Bytes that follow came with the last ones of this message.
  return received;
}

}  // namespace offcut::runtime
