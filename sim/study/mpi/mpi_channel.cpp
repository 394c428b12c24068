// The channel between ranks by MPI: a module of its own, which only `mpirun offcut sweep` loads.
// The process must not fork after this: not all networks under MPI allow it.

#include <mpi.h>

#include <cstdlib>
#include <list>
#include <stdexcept>

#include "sim/study/sweep/rank_channel.h"

namespace offcut::study {
namespace {

constexpr int kTag = 1;

class MpiChannel : public RankChannel {
 public:
  MpiChannel() {
    if (MPI_Init(nullptr, nullptr) != MPI_SUCCESS) {
      throw std::runtime_error("MPI cannot be initialised");
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void send(int to, std::string text) override {
    drop_sent();
    Sending& sending = sending_.emplace_back();
    sending.text = std::move(text);
    MPI_Isend(sending.text.data(), static_cast<int>(sending.text.size()), MPI_CHAR, to, kTag,
              MPI_COMM_WORLD, &sending.request);
  }

  std::optional<RankMessage> receive() override {
    drop_sent();
    int has_message = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, kTag, MPI_COMM_WORLD, &has_message, &status);
    if (has_message == 0) {
      return std::nullopt;
    }
    int size = 0;
    MPI_Get_count(&status, MPI_CHAR, &size);
    RankMessage message{status.MPI_SOURCE, std::string(static_cast<std::size_t>(size), '\0')};
    MPI_Recv(message.text.data(), size, MPI_CHAR, status.MPI_SOURCE, kTag, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    return message;
  }

  void finish() override {
    for (Sending& sending : sending_) {
      MPI_Wait(&sending.request, MPI_STATUS_IGNORE);
    }
    sending_.clear();
    MPI_Finalize();
  }

  [[noreturn]] void abort(int code) override {
    MPI_Abort(MPI_COMM_WORLD, code);
    std::_Exit(code);
  }

 private:
  struct Sending {
    std::string text;
    MPI_Request request = MPI_REQUEST_NULL;
  };

  /// Frees the texts that have left.
  void drop_sent() {
    sending_.remove_if([](Sending& sending) {
      int has_left = 0;
      MPI_Test(&sending.request, &has_left, MPI_STATUS_IGNORE);
      return has_left != 0;
    });
  }

  int rank_ = 0, size_ = 1;
  std::list<Sending> sending_;  // Their texts must stay where they are.
};

}  // namespace
}  // namespace offcut::study

extern "C" offcut::study::RankChannel* offcut_open_mpi_channel() {
  return new offcut::study::MpiChannel();
}
