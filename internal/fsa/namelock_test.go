package fsa

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func (n *nameLocks) mustLock(t *testing.T, k nameKey, mode lockMode) {
	t.Helper()
	if err := n.lock(t.Context(), k, mode); err != nil {
		t.Fatal(err)
	}
}

func TestNameLocksAreGrantedInTheOrderTheyAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, k := newNameLocks(), nameKey{name: "A"}
		n.mustLock(t, k, shared)
		n.mustLock(t, k, shared)
		var order []string
		wait := func(who string, mode lockMode) {
			go func() {
				n.mustLock(t, k, mode)
				order = append(order, who)
				n.unlock(k, mode)
			}()
			synctest.Wait()
		}
		wait("writer", exclusive)
		wait("reader behind the writer", shared)
		n.unlock(k, shared)
		synctest.Wait()
		if len(order) != 0 {
			t.Fatalf("%q got the lock beside a reader", order)
		}
		n.unlock(k, shared)
		synctest.Wait()
		if len(order) != 2 || order[0] != "writer" {
			t.Errorf("order = %q", order)
		}
		if n.count() != 0 {
			t.Errorf("%d names still locked", n.count())
		}
	})
}

func TestWhoGivesUpWaitingForANameLetsOthersIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, k := newNameLocks(), nameKey{name: "A"}
		n.mustLock(t, k, shared)
		ctx, cancel := context.WithCancelCause(t.Context())
		bored := errors.New("bored")
		var writer error
		go func() { writer = n.lock(ctx, k, exclusive) }()
		synctest.Wait()
		reader := false
		go func() { n.mustLock(t, k, shared); reader = true }()
		synctest.Wait()
		if reader {
			t.Fatal("the reader overtook the writer")
		}
		cancel(bored)
		synctest.Wait()
		if !errors.Is(writer, bored) || !reader {
			t.Errorf("writer got %v, want %v; reader let in: %v", writer, bored, reader)
		}
		n.unlock(k, shared)
		n.unlock(k, shared)
		if n.count() != 0 {
			t.Errorf("%d names still locked", n.count())
		}
	})
}

func TestLockOfTwoNamesIsNoLockOfOneWhenTheSecondIsNotHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := newNameLocks(), nameKey{name: "A"}, nameKey{name: "B"}
		n.mustLock(t, b, shared)
		ctx, cancel := context.WithCancel(t.Context())
		var err error
		go func() { err = n.lockTwo(ctx, b, a) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if err == nil || n.count() != 1 {
			t.Errorf("lockTwo: %v, %d names locked, want an error and 1", err, n.count())
		}
		n.unlock(b, shared)
		if err := n.lockTwo(t.Context(), a, a); err != nil || n.count() != 1 {
			t.Errorf("lockTwo of one name: %v, %d names locked", err, n.count())
		}
		n.unlockTwo(a, a)
	})
}
