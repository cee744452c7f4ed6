use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::{Batch, Receipt};
use crate::error::AppendError;

fn must_be_send<T: Send + 'static>(_: &T) {}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn each_receipt_of_a_batch_is_woken_once_and_gets_its_index() {
    let mut batch = Batch::default();
    let receipts: Vec<Receipt> = (0..3).map(|i| batch.push(vec![i])).collect();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    let mut futures: Vec<_> = receipts.into_iter().map(|receipt| Box::pin(receipt.durable())).collect();
    must_be_send(&futures);
    assert!(futures.iter_mut().all(|future| future.as_mut().poll(&mut context).is_pending()));
    assert!(futures[1].as_mut().poll(&mut context).is_pending(), "polling twice registers once");
    batch.settle(Ok(40));
    assert_eq!(count.0.load(Ordering::SeqCst), 3);
    let got: Vec<_> = futures.iter_mut().map(|future| future.as_mut().poll(&mut context)).collect();
    assert_eq!(got, [40, 41, 42].map(|index| Poll::Ready(Ok(index))));
}

#[test]
fn a_batch_that_is_dropped_fails_its_receipts() {
    let mut batch = Batch::default();
    let receipt = batch.push(vec![1]);
    drop(batch);
    assert_eq!(receipt.wait(), Err(AppendError::Closed));
}

#[test]
fn a_receipt_asked_after_the_sync_answers_at_once() {
    let mut batch = Batch::default();
    let receipt = batch.push(vec![1]);
    batch.settle(Ok(7));
    let mut future = pin!(receipt.durable());
    assert_eq!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(7)));
}
