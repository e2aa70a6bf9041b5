package memfs

// pageSize is how much of a file is allocated at once, in bytes.
const pageSize = 32 << 10

// pages is the data of a file: only the pages that were written to exist, so
// that a byte written at 5 GiB costs one page. Bytes of existing pages beyond
// size are zero.
type pages struct {
	size int64 // bytes
	page map[int64]*[pageSize]byte
}

// allocated is in bytes.
func (p *pages) allocated() int64 { return int64(len(p.page)) * pageSize }

// growth returns by how many bytes allocated grows if n > 0 bytes are written
// at off.
func (p *pages) growth(off, n int64) int64 {
	missing := int64(0)
	for k := off / pageSize; k <= (off+n-1)/pageSize; k++ {
		if p.page[k] == nil {
			missing++
		}
	}
	return missing * pageSize
}

// readAt returns how many bytes it copied: fewer than len(b) only at the end.
func (p *pages) readAt(b []byte, off int64) int {
	if off >= p.size {
		return 0
	}
	b = b[:min(int64(len(b)), p.size-off)]
	for rest := b; len(rest) > 0; {
		n := min(len(rest), int(pageSize-off%pageSize))
		if page := p.page[off/pageSize]; page != nil {
			copy(rest[:n], page[off%pageSize:])
		} else {
			clear(rest[:n])
		}
		rest, off = rest[n:], off+int64(n)
	}
	return len(b)
}

// writeAt copies b, which is not empty and does not reach beyond MaxInt64.
func (p *pages) writeAt(b []byte, off int64) {
	if p.page == nil {
		p.page = make(map[int64]*[pageSize]byte)
	}
	p.size = max(p.size, off+int64(len(b)))
	for len(b) > 0 {
		page := p.page[off/pageSize]
		if page == nil {
			page = new([pageSize]byte)
			p.page[off/pageSize] = page
		}
		n := copy(page[off%pageSize:], b)
		b, off = b[n:], off+int64(n)
	}
}

// truncate sets the size and drops what lies beyond.
func (p *pages) truncate(size int64) {
	if size < p.size {
		for k, page := range p.page {
			switch start := k * pageSize; {
			case start >= size:
				delete(p.page, k)
			case size-start < pageSize:
				clear(page[size-start:])
			}
		}
	}
	p.size = size
}
