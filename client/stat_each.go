package client

import (
	"context"
	"iter"
)

// statWindow is how many questions of [Share.StatEach] are under way at a time.
const statWindow = 32

// StatEach is [Share.Stat] for each of names, in their order: many questions
// are under way while the first answers are used, so that it takes a fraction
// of the time. names is read ahead. An error of one name is given in its place,
// and the others follow.
func (sh *Share) StatEach(ctx context.Context, names iter.Seq[string]) iter.Seq2[*FileInfo, error] {
	return func(yield func(*FileInfo, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		next, stop := iter.Pull(names)
		defer stop()
		type answer struct {
			info *FileInfo
			err  error
		}
		var window []chan answer // in the order of names
		defer func() {
			cancel()
			for _, a := range window {
				<-a
			}
		}()
		for over := false; ; {
			for !over && len(window) < statWindow {
				name, ok := next()
				if over = !ok; over {
					break
				}
				a := make(chan answer, 1)
				window = append(window, a)
				go func() {
					on, release := sh.lane()
					defer release()
					i, err := on.Stat(ctx, name)
					a <- answer{i, err}
				}()
			}
			if len(window) == 0 {
				return
			}
			a := <-window[0]
			window = window[1:]
			if !yield(a.info, a.err) {
				return
			}
		}
	}
}
