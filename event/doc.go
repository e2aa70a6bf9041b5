// Package event is the vocabulary of Signet's log of events: which kinds there
// are, under the channels, numbers and names that Windows gives them, and what
// a record of one holds. It does not raise, keep or send any: server raises
// them, event/journal keeps them.
//
// Kinds that Windows has not are in channels of our own, "Signet/...", with
// numbers of our own. Where Windows' documents do not say which of two numbers
// means which, a kind has its name and no number, see [Kind.OpenIDs].
//
// Names and addresses in an [Event] are a peer's words, unproved. Nothing here
// escapes them; whoever shows them does.
package event
