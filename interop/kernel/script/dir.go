package script

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Dir does steps below a directory of this machine, as programs do. One step at
// a time; at most one file is held.
type Dir struct {
	Path string

	held *os.File
}

// Do does step.
func (d *Dir) Do(step *Step) Answer {
	a, err := d.do(step)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	return a
}

// Close lets go of what is held.
func (d *Dir) Close() error {
	if d.held == nil {
		return nil
	}
	err := d.held.Close()
	d.held = nil
	return err
}

func (d *Dir) do(step *Step) (Answer, error) {
	name := filepath.Join(d.Path, step.Name)
	if step.Op == Read || step.Op == Hold {
		// Linux (6.1, 7.2) opens a file that it finds under a name for the first
		// time with the pages that it had read of it under another, whoever has
		// written since: on smbd, too. At the second look it knows better.
		if _, err := os.Stat(name); err != nil {
			return Answer{}, err
		}
	}
	switch step.Op {
	case Create:
		return Answer{}, os.WriteFile(name, step.Data, 0o644)
	case Write:
		return Answer{}, writeAt(name, step.Data, step.Offset)
	case Truncate:
		return Answer{}, os.Truncate(name, step.Size)
	case Read:
		data, err := os.ReadFile(name)
		return Answer{Data: data}, err
	case Stat:
		info, err := os.Stat(name)
		if err != nil {
			return Answer{}, err
		}
		return Answer{Size: info.Size()}, nil
	case List:
		return list(name)
	case Rename:
		return Answer{}, os.Rename(name, filepath.Join(d.Path, step.To))
	case Remove, Rmdir:
		return Answer{}, os.Remove(name)
	case Mkdir:
		return Answer{}, os.Mkdir(name, 0o755)
	case Hold:
		f, err := os.Open(name)
		d.held = f
		return Answer{}, err
	case ReadHeld:
		data, err := io.ReadAll(io.NewSectionReader(d.held, 0, 1<<30))
		return Answer{Data: data}, err
	case Release:
		return Answer{}, d.Close()
	default:
		return Answer{}, errors.New("no such operation: " + string(step.Op))
	}
}

func writeAt(name string, data []byte, offset int64) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, offset)
	return errors.Join(err, f.Close())
}

func list(name string) (Answer, error) {
	entries, err := os.ReadDir(name)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return Answer{Data: Lines(names)}, err
}
