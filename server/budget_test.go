package server

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// connectionBudget is the limit of the budgets here, in bytes.
const connectionBudget = 16 << 20

func TestBudgetMakesTheReaderWaitUntilThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var total memory
		b := newBudget(&total, 1<<30)
		b.raise(connectionBudget)
		b.hold(connectionBudget)
		if err := b.wait(t.Context()); err != nil {
			t.Fatalf("at the limit: %v", err)
		}
		b.hold(1)
		var done atomic.Bool
		go func() {
			if err := b.wait(t.Context()); err != nil {
				t.Errorf("wait: %v", err)
			}
			done.Store(true)
		}()
		synctest.Wait()
		if done.Load() {
			t.Fatal("did not wait above the limit")
		}
		b.hold(1)
		b.hold(-1)
		synctest.Wait()
		if done.Load() {
			t.Fatal("did not wait until there was room")
		}
		b.hold(-1)
		synctest.Wait()
		if !done.Load() {
			t.Fatal("waits although there is room")
		}
		b.hold(-connectionBudget)
		if total.held.Load() != 0 {
			t.Errorf("the server holds %d bytes, want none", total.held.Load())
		}
	})
}

func TestBudgetStopsWaitingWithItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var total memory
		b := newBudget(&total, 1<<30)
		b.raise(connectionBudget)
		b.hold(connectionBudget + 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		err := make(chan error)
		go func() { err <- b.wait(ctx) }()
		synctest.Wait()
		cancel(gone)
		if got := <-err; got != gone {
			t.Errorf("wait: %v, want %v", got, gone)
		}
	})
}

func TestBudgetIsMeagreWhileTheServerIsShortOfMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const plenty = 64 << 20
		var total memory
		others, b := newBudget(&total, plenty), newBudget(&total, plenty)
		b.raise(connectionBudget)
		others.hold(plenty)
		b.hold(meagreBudget)
		if err := b.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.hold(1)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := b.wait(t.Context()); err != nil {
				t.Errorf("wait: %v", err)
			}
		}()
		time.Sleep(time.Hour)
		select {
		case <-done:
			t.Fatal("did not wait")
		default:
		}
		others.hold(-plenty) // nobody tells b
		time.Sleep(time.Second)
		synctest.Wait()
		select {
		case <-done:
		default:
			t.Error("waits although memory is back")
		}
	})
}

func TestBudgetOfAStrangerHasRoomForOneThingAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var total memory
		b := newBudget(&total, 1<<30)
		b.hold(1)
		var done atomic.Bool
		go func() {
			if err := b.wait(t.Context()); err != nil {
				t.Errorf("wait: %v", err)
			}
			done.Store(true)
		}()
		synctest.Wait()
		if done.Load() {
			t.Fatal("did not wait")
		}
		b.raise(connectionBudget)
		synctest.Wait()
		if !done.Load() {
			t.Error("waits although somebody has signed in")
		}
	})
}
