#pragma once

namespace mla::machines {

/// Those who have something, in turn. Their places are in themselves, so that to come and to go allocates nothing. *value, but
/// it stays where it is*
template <class T>
class Turns {
  struct Links {
    Links *before = nullptr, *next = nullptr;
  };

 public:
  /// One's place; it leaves before it goes. *value, but it stays where it is*
  class Place : private Links {
   public:
    explicit Place(T& of) : of_(of) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    bool taken() const { return this->next != nullptr; }

   private:
    friend Turns;
    T& of_;
  };

  Turns() { ends_.before = ends_.next = &ends_; }
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  bool empty() const { return ends_.next == &ends_; }
  T& front() const { return static_cast<Place*>(ends_.next)->of_; }  ///< of those that are not empty

  /// At the end, unless it is in already.
  void join(Place& place) {
    if (place.taken()) return;
    place.before = ends_.before;
    place.next = &ends_;
    ends_.before->next = &place;
    ends_.before = &place;
  }
  void leave(Place& place) {
    if (!place.taken()) return;
    place.before->next = place.next;
    place.next->before = place.before;
    place.before = place.next = nullptr;
  }
  void clear() {
    while (!empty()) leave(*static_cast<Place*>(ends_.next));
  }

 private:
  Links ends_;
};

}  // namespace mla::machines
