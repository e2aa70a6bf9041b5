package localfs

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

func TestAQuotaLimitsTheSpaceThereIs(t *testing.T) {
	now := time.Unix(1e9, 0)
	disk := vfs.Space{Total: 1000, Available: 400, Free: 500}
	for _, row := range []struct {
		what string
		quota
		want vfs.Space
	}{
		{"none", quota{used: 100}, disk},
		{"hard", quota{hard: 300, used: 100}, vfs.Space{Total: 300, Available: 200, Free: 500}},
		{"hard, soft below", quota{hard: 300, soft: 50, used: 100, grace: now.Add(time.Hour)}, vfs.Space{Total: 300, Available: 200, Free: 500}},
		{"grace over", quota{hard: 300, soft: 50, used: 100, grace: now.Add(-time.Hour)}, vfs.Space{Total: 50, Free: 500}},
		{"soft alone", quota{soft: 300, used: 100}, vfs.Space{Total: 300, Available: 200, Free: 500}},
		{"used up", quota{hard: 300, used: 301}, vfs.Space{Total: 300, Free: 500}},
		{"more than there is", quota{hard: 9000, used: 100}, disk},
		{"all there is", quota{hard: math.MaxUint64, used: 1 << 63}, disk},
	} {
		if got := row.limit(disk, now); got != row.want {
			t.Errorf("%s: %+v within %+v = %+v, want %+v", row.what, disk, row.quota, got, row.want)
		}
	}
	if got := saturate(1<<60, 1024); got != math.MaxUint64 {
		t.Errorf("saturate = %d", got)
	}
}

func TestSpaceIsThatOfTheUserAndOfTheGroup(t *testing.T) {
	f, _, _ := serveHere(t)
	free, err := f.Space(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[quotaOwner]bool{}
	f.quotaOf = func(_ int, owner quotaOwner) (quota, bool) {
		asked[owner] = true
		if owner.kind == usrQuota {
			return quota{hard: 5 << 20, used: 1 << 20}, true
		}
		return quota{hard: 3 << 20, used: 2 << 20}, true
	}
	as := f.As
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	if as != nil {
		uid, gid = as.UID, as.GID
	}
	got, err := f.Space(t.Context(), nil)
	if err != nil || got.Total != 3<<20 || got.Available != 1<<20 {
		t.Errorf("Space = %+v, %v, want 1 of 3 MiB", got, err)
	}
	// Others write meanwhile, but not all there is.
	if got.Free < free.Free/2 {
		t.Errorf("Space = %+v, want about %d bytes free for anyone", got, free.Free)
	}
	if !asked[quotaOwner{usrQuota, uid}] || !asked[quotaOwner{grpQuota, gid}] || len(asked) != 2 {
		t.Errorf("asked for the quotas of %v, want those of user %d and group %d", asked, uid, gid)
	}
	if _, err := f.Space(t.Context(), &vfs.Cred{UID: 0, GID: 0}); os.Geteuid() == 0 && err == nil {
		t.Error("root was told its space")
	}
}

func TestAFileSystemWithoutQuotasHasNone(t *testing.T) {
	fd, err := unix.Open("/proc", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for _, kind := range []uint32{usrQuota, grpQuota} {
		if q, ok := readQuota(fd, quotaOwner{kind, 65534}); ok {
			t.Errorf("quota of kind %d on procfs = %+v", kind, q)
		}
	}
}

// A small ext4 keeps 5% for root.
func TestTheReserveIsNotAvailable(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root mounts file systems: run it as root too")
	}
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil {
		t.Skip("mkfs.ext4 is not installed")
	}
	image, mounted := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 16<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), mkfs, "-q", image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-o", "loop", image, mounted).CombinedOutput(); err != nil {
		t.Skipf("no loop devices here: %s", out)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(mounted, unix.MNT_DETACH); err != nil { // whoever looks at it meanwhile
			t.Errorf("unmount: %v", err)
		}
	})
	f, _ := serveFolder(t, mounted)
	space, err := f.Space(t.Context(), nil)
	if err != nil || space.Total < 8<<20 || space.Total > 16<<20 {
		t.Errorf("Space = %+v, %v, want most of 16 MiB", space, err)
	}
	if reserve := space.Free - space.Available; reserve < 600<<10 || reserve > 2<<20 {
		t.Errorf("%d bytes are free and not available, want 5%% of 16 MiB and a little", reserve)
	}
	info, err := f.Info(t.Context())
	if err != nil || info.AvailableBytes != space.Available || info.FreeBytes != space.Free {
		t.Errorf("Info = %+v, %v, want %+v", info, err, space)
	}
}
