//! Reading pieces of a file: at once where the system has them in memory, else off the request threads.

use std::fs::File;
use std::mem::MaybeUninit;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

/// Exactly `length` bytes at `offset` where the system has them all in memory: copying them takes less than handing the
/// work to another thread. Nothing where the disk would have to be waited for.
#[cfg(target_os = "linux")]
pub(super) fn at_hand(file: &File, offset: u64, length: u64) -> Option<Bytes> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut buffer = vec![0; usize::try_from(length).ok()?];
    let room = &mut [std::io::IoSliceMut::new(&mut buffer)];
    let filled = preadv2(file, room, offset, ReadWriteFlags::NOWAIT).ok()?;
    (filled == buffer.len()).then(|| buffer.into())
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn at_hand(_file: &File, _offset: u64, _length: u64) -> Option<Bytes> {
    None
}

/// Reads exactly `length` bytes at `offset`, off the request threads.
pub(super) async fn read(file: Arc<File>, offset: u64, length: u64) -> std::io::Result<Bytes> {
    tokio::task::spawn_blocking(move || {
        let length = usize::try_from(length).map_err(std::io::Error::other)?;
        let mut buffer = BytesMut::with_capacity(length);
        while buffer.len() < length {
            let at = offset + buffer.len() as u64;
            let room = length - buffer.len();
            let got = {
                let spare: &mut [MaybeUninit<u8>] = buffer.spare_capacity_mut();
                let spare = &mut spare[..room];
                rustix::io::pread(&*file, spare, at)?.0.len()
            };
            if got == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            advance(&mut buffer, got);
        }
        Ok(buffer.freeze())
    })
    .await
    .map_err(std::io::Error::other)?
}

#[expect(unsafe_code, reason = "zeroing a buffer that the kernel fills costs a tenth of a large download")]
fn advance(buffer: &mut BytesMut, read: usize) {
    let length = buffer.len() + read;
    // SAFETY: `pread` has initialised these bytes of the spare capacity.
    unsafe { buffer.set_len(length) }
}
