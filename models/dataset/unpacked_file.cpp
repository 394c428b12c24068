// Unpacks piece by piece, so that memory grows with the bytes that there really are: the size that
// a file states is only compared with theirs.

#include "models/dataset/unpacked_file.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <string_view>

#include "models/base/error.h"

namespace offcut::dataset {
namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 30U;  // The largest size of an unpacked file.

[[noreturn]] void refuse_packed(const std::string& path, std::string_view reason) {
  throw InputError({path}, fmt::format("cannot be unpacked: {}", reason));
}

std::string unpack_zstd(const std::string& path, const std::string& packed) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > kMostBytes) {
    throw InputError({path}, "is not a zstd file with a usable size");
  }
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          ZSTD_freeDStream);
  std::string piece(ZSTD_DStreamOutSize(), '\0');
  std::string unpacked;
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  for (std::size_t hint = 1; hint != 0;) {
    ZSTD_outBuffer out{piece.data(), piece.size(), 0};
    hint = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(hint) != 0) {
      refuse_packed(path, ZSTD_getErrorName(hint));
    }
    unpacked.append(piece, 0, out.pos);
    if (unpacked.size() > size) {
      refuse_packed(path, "it has more bytes than it states");
    }
    if (hint != 0 && in.pos == in.size && out.pos < out.size) {
      refuse_packed(path, "it ends too early");
    }
  }
  if (unpacked.size() != size || in.pos != in.size) {
    refuse_packed(path, "it has another size than it states");
  }
  return unpacked;
}

/// A gzip file may have several members, one after the other (RFC 1952, section 2.2).
std::string unpack_gzip(const std::string& path, const std::string& packed) {
  constexpr int kGzipOnly = 16;
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + kGzipOnly) != Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> end(&stream, inflateEnd);
  std::string piece(std::size_t{1} << 18U, '\0');
  std::string unpacked;
  std::size_t given = 0;
  while (true) {
    if (stream.avail_in == 0) {
      const std::size_t count = std::min(packed.size() - given, piece.size());
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + given));
      stream.avail_in = static_cast<uInt>(count);
      given += count;
    }
    const bool has_input = stream.avail_in > 0;
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) {
      refuse_packed(path, has_input && stream.msg != nullptr ? stream.msg : "it ends too early");
    }
    unpacked.append(piece, 0, piece.size() - stream.avail_out);
    if (unpacked.size() > kMostBytes) {
      refuse_packed(path, "it has more than 4 GiB");
    }
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0 && given == packed.size()) {
        return unpacked;
      }
      inflateReset(&stream);
    }
  }
}

}  // namespace

std::string read_unpacked(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    throw InputError({path}, "is a directory, expected an IDX file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path}, "cannot be read");
  }
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return bytes.starts_with("\x28\xB5\x2F\xFD") ? unpack_zstd(path, bytes)
         : bytes.starts_with("\x1F\x8B")       ? unpack_gzip(path, bytes)
                                               : bytes;
}

}  // namespace offcut::dataset
