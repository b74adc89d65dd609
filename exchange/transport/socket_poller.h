#pragma once
#include <sys/epoll.h>

#include <array>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "exchange/transport/loop_executor.h"
#include "exchange/transport/send_batch.h"

namespace mla::transport {

/// Who reads and writes a socket himself.
class SocketUser {
 public:
  enum class Next : std::uint8_t {
    change,  ///< it is called when something changes
    again,   ///< there may be more to read: on_socket() with the same events, when others have had their turn
    rest,    ///< not all in the room is worked off: on_rest() before anybody else gets the room
  };
  /// Something has changed since it was called last: `events` as epoll(7) has them. It reads once.
  virtual Next on_socket(std::uint32_t events) = 0;
  virtual Next on_rest() { return Next::change; }

 protected:
  ~SocketUser() = default;
};

/// The sockets of established links of one loop. Asio's reactor tries a second read after each, which finds nothing, and takes each
/// message through its queue: for a program that a message a link reaches, a fourth of the cost. So these sockets have an
/// epoll of their own. It is one descriptor more in Asio's, and whoever runs the loop knows nothing of it; who polls the loop by
/// hand, again and again, may call turn() instead (by_hand()). A service of the loop: made with the first link, gone with the
/// loop. *loop-confined*
class SocketPoller final : public boost::asio::execution_context::service {
 public:
  using Ticket = std::uint64_t;  // 0: none

  static SocketPoller& of(const LoopExecutor& loop);

  /// From now on `user` hears of all that happens at `socket`, which does not block, and is kept alive. 0: the system has no
  /// room for it; then nothing has happened.
  Ticket add(int socket, std::shared_ptr<SocketUser> user);
  /// Before the socket is closed or given to somebody else. The user may go at once, unless it is being called.
  void remove(int socket, Ticket ticket);
  /// Where a user may put what it reads, until it returns anything but `rest`.
  std::span<std::byte> room() { return room_; }
  SendBatch& batch() { return batch_; }

  /// Whoever polls the loop calls look() and turn() from now on; descriptor() is readable when `other` is, too. False: no
  /// descriptor is left.
  bool by_hand(int other);
  bool other_ready() const { return other_ready_; }  ///< when look() looked last
  int descriptor() const { return epoll_; }  ///< readable when look() would find something
  bool look();                               ///< whether turn() has something to do
  bool ready() const { return rest_ || next_ < ready_.size(); }
  /// Without a look: somebody has more to read, or the last look has not told of all.
  bool has_more() const { return reads_on() || full_; }
  bool reads_on() const { return !again_.empty(); }  ///< somebody has more to read, which descriptor() does not tell
  std::size_t users() const { return slots_.size() - free_.size(); }
  std::size_t turn(std::size_t most);  ///< calls at most so many users; how many

  explicit SocketPoller(boost::asio::execution_context& loop);
  ~SocketPoller() override;
  static boost::asio::execution_context::id id;

 private:
  struct Slot {
    std::shared_ptr<SocketUser> user;  // none: free
    std::uint32_t generation = 0;      // of the ticket: what was said of the one before is not for this one
  };
  void shutdown() override;
  bool open();
  void wait();
  void on_readable();

  static constexpr Ticket kOther = 0;
  static constexpr std::size_t kRoom = 64 << 10;
  static constexpr std::size_t kMostEvents = 64;

  int epoll_ = -1;
  bool by_hand_ = false;
  bool other_ready_ = false;
  bool full_ = false;  // the last look found as many as it could tell of
  bool waiting_ = false;
  bool calling_ = false;
  boost::asio::posix::basic_stream_descriptor<LoopExecutor> in_loop_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::array<epoll_event, kMostEvents> found_;
  std::vector<epoll_event> ready_, again_;
  std::size_t next_ = 0;               // of ready_
  bool rest_ = false;                  // somebody has not worked off all that is in the room
  epoll_event rest_of_{};              // who, and what he was told
  std::shared_ptr<SocketUser> leaving_;  // was removed while it was called
  std::uint64_t called_ = 0;             // whose ticket that is
  std::vector<std::byte> room_;
  SendBatch batch_;
};

}  // namespace mla::transport
