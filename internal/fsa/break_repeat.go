package fsa

import "time"

// settleTime is how long a client is given to note that it has a lease of a
// directory. A break that comes sooner is told once more by then, unless the
// client has acknowledged it or has closed the directory.
//
// Deviation: the specification has a break told once. Linux 6.1 notes such a
// lease when a thread of its own has looked at the answer, passes over a break
// that it has read by then, and would believe its listing for ever. To hold the
// break back instead would let clients miss for as long what they themselves
// change. Who has heard the break knows it by its epoch.
// [MS-SMB2] 3.2.5.19.2, 3.3.4.7.
const settleTime = 50 * time.Millisecond

// OnBreak has call called when there are breaks to be told that no operation has
// brought about. It is called by a goroutine of its own, which holds no lock.
// OnBreak is called before the Store is used.
func (s *Store) OnBreak(call func()) { s.onBreak = call }

// tellOfBreaks calls what OnBreak was given, if there is anything to be told.
func (s *Store) tellOfBreaks() {
	if s.onBreak != nil && s.HasBreaks() {
		s.onBreak()
	}
}

// clock returns how long the Store has existed.
func (s *Store) clock() time.Duration { return time.Since(s.since) }

// isListing says whether o is of what somebody keeps of a directory.
func (o *oplock) isListing() bool { return o.file.directory && o.stream == &o.file.stream }

// answeredLocked notes that an answer which tells the holder of o is on its way.
// The caller holds file.mu.
func (o *oplock) answeredLocked() {
	if o.isListing() {
		o.settled = o.file.store.clock() + settleTime
	}
}

// pushLocked has b told now, and once more if the holder may not know yet what
// it was granted. The caller holds file.mu.
func (o *oplock) pushLocked(b Break) {
	s := o.file.store
	s.breaks.push(b)
	if o.settled == 0 {
		return
	}
	if wait := o.settled - s.clock(); wait > 0 {
		// Nobody stops the timer: it does nothing to what has gone on by then.
		time.AfterFunc(wait, func() { o.repeat(b) })
	}
}

// repeat has b told once more, unless something has followed it.
func (o *oplock) repeat(b Break) {
	s := o.file.store
	o.file.mu.Lock()
	if o.isLastLocked(&b) {
		s.breaks.push(b)
	}
	o.file.mu.Unlock()
	s.tellOfBreaks()
}

// isLastLocked says whether b is the last that has happened to o. The caller
// holds file.mu.
func (o *oplock) isLastLocked(b *Break) bool {
	switch {
	case o.handles == 0 || o.epoch != b.Epoch || len(o.held) > 0:
		return false
	case b.Final:
		return o.state == noCaching && !o.breaking
	}
	return o.breaking && o.breaks == b.number
}
