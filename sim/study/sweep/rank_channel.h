#pragma once

#include <memory>
#include <optional>
#include <string>

namespace offcut::study {

/// A message from another rank.
struct RankMessage {
  int from = 0;
  std::string text;
};

/// Messages between the processes of one job on several machines, such as those of `mpirun`.
/// Between two ranks, they arrive in the order in which they were sent.
class RankChannel {
 public:
  virtual ~RankChannel() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// Sends without waiting for the receiver.
  virtual void send(int to, std::string text) = 0;
  /// Returns a message if one has arrived.
  virtual std::optional<RankMessage> receive() = 0;
  /// Waits until all messages have left and all ranks are here. Nothing follows.
  virtual void finish() = 0;
  /// Ends all ranks at once with this exit code.
  [[noreturn]] virtual void abort(int code) = 0;
};

/// Returns the number of this process among those that an MPI launcher started, by its environment;
/// none if there is no such launcher.
std::optional<int> launched_rank();

/// Opens the channel of MPI, whose library is loaded only now: the module offcut-mpi.so beside the
/// program or in its library folder. Throws InputError if offcut was built without MPI.
std::unique_ptr<RankChannel> open_mpi_channel();

}  // namespace offcut::study
