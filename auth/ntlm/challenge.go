package ntlm

import "github.com/signet-smb/signet/internal/wire"

// challenge is the CHALLENGE_MESSAGE. [MS-NLMP] 2.2.1.2.
type challenge struct {
	TargetName      string
	Flags           flags
	ServerChallenge [8]byte
	TargetInfo      avPairs // values alias the decoded message
	Version         Version // of the server's system; zero if it tells none
}

// Version is what a peer says of its operating system, unproved. [MS-NLMP]
// 2.2.2.10.
type Version struct {
	Major, Minor uint8
	Build        uint16
}

func decodeChallenge(msg []byte) (challenge, error) {
	var m challenge
	r := wire.NewReader(msg)
	readHeader(r, typeChallenge)
	name := readField(r)
	m.Flags = flags(r.U32())
	r.Copy(m.ServerChallenge[:])
	r.Skip(8) // Reserved
	info := readField(r)
	// Without the flag, servers older than Version put their payload there.
	if m.Flags.has(flagVersion) && r.Len() >= 8 {
		m.Version = Version{Major: r.U8(), Minor: r.U8(), Build: r.U16()}
	}
	if m.Flags&(flagRequestTarget|flagTargetServer|flagTargetDomain) != 0 {
		m.TargetName = readName(r, name, m.Flags.has(flagUnicode))
	}
	if m.Flags.has(flagTargetInfo) {
		pairs := r.Sub(r.At(info))
		m.TargetInfo = readAVPairs(pairs)
		if err := pairs.Err(); r.Err() == nil && err != nil {
			return challenge{}, err
		}
	}
	if err := r.Err(); err != nil {
		return challenge{}, err
	}
	return m, nil
}

func (m challenge) encode() []byte {
	w := wire.NewWriter(nil)
	p := payload{base: 56}
	writeHeader(w, typeChallenge)
	p.field(w, encodeName(m.TargetName, m.Flags.has(flagUnicode)))
	w.U32(uint32(m.Flags))
	w.Bytes(m.ServerChallenge[:])
	w.Zero(8) // Reserved
	p.field(w, m.TargetInfo.append(nil))
	writeVersion(w)
	w.Bytes(p.parts)
	return w.Finish()
}
