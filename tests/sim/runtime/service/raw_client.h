#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace offcut::runtime {

/// A connection that sends any bytes. Gives up after ten seconds.
class RawClient {
 public:
  explicit RawClient(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ::close(socket_);
      throw std::runtime_error("no connection");
    }
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// Returns whether the other side still took the bytes.
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() const { ::shutdown(socket_, SHUT_WR); }

  /// Returns the next answer, its header and its body; what came if the connection ends before.
  std::string answer(bool has_body = true) {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos && receive()) {
    }
    if (end == std::string::npos) {
      return std::exchange(received_, {});
    }
    end += 4;
    constexpr std::string_view kLength = "Content-Length: ";
    const auto length = received_.substr(0, end).find(kLength);
    if (has_body && length != std::string::npos) {
      end += std::strtoul(received_.c_str() + length + kLength.size(), nullptr, 10);
    }
    while (received_.size() < end && receive()) {
    }
    std::string text = received_.substr(0, end);
    received_.erase(0, end);
    return text;
  }

  /// Returns everything until the other side closes the connection.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

  /// Returns whether the other side has closed the connection, without waiting for it.
  bool is_open() {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 0 || receive();
  }

 private:
  bool receive() {
    pollfd waiting{socket_, POLLIN, 0};
    char bytes[65536];
    if (::poll(&waiting, 1, 10'000) != 1) {
      throw std::runtime_error("no answer within ten seconds");
    }
    const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count > 0) {
      received_.append(bytes, static_cast<std::size_t>(count));
    }
    return count > 0;
  }

  int socket_;
  std::string received_;
};

}  // namespace offcut::runtime
