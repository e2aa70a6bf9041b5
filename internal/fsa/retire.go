package fsa

// Retire unmounts v as soon as no Handle of it is open and no call is under
// way, and then calls done, which may be called before Retire returns, or by
// who closes the last Handle. It is called once, instead of Unmount.
func (v *Volume) Retire(done func()) {
	v.store.mu.Lock()
	v.retired = done
	v.store.mu.Unlock()
	v.finish()
}

// finish unmounts the retired volume unless it is busy or somebody else does.
func (v *Volume) finish() {
	v.store.mu.Lock()
	done := v.retired
	if done == nil || v.users > 0 || v.unmounted {
		v.store.mu.Unlock()
		return
	}
	v.retired = nil
	v.unmounted = true // nobody enters any more
	v.store.mu.Unlock()
	v.dismount()
	done()
}
