//! The list goes when nobody asks for it.

use fanlight_base::Timestamp;

use super::*;
use crate::project::Known;
use crate::pypi::formats::index::list;

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn listing(scale: &Arc<Scale>) -> Arc<Known<Aside<Listing>>> {
    let names = list::parse(Some(JSON), br#"{"projects":[{"name":"a"},{"name":"b"}]}"#).unwrap().names;
    Known::new(Arc::new(Aside::of(Listing::new(names, scale))), Timestamp::UNIX_EPOCH)
}

#[tokio::test(start_paused = true)]
async fn a_list_that_nobody_asks_for_is_released() {
    let scale = Arc::new(Scale::default());
    let list = Arc::new(ListPlace::default());
    for _ in 0..2 {
        list.is_used();
        list.place.settle(None, Ok(listing(&scale)), Timestamp::UNIX_EPOCH).unwrap_or_else(|error| panic!("{error}"));
        list.is_used();
        tokio::time::sleep(limits::PROJECT_LIST_IDLE_TIME / 2).await;
        list.is_used();
        tokio::time::sleep(limits::PROJECT_LIST_IDLE_TIME * 3 / 4).await;
        assert!(list.place.known().is_some() && scale.bytes() > 0, "asked for meanwhile, it stays");
        tokio::time::sleep(limits::PROJECT_LIST_IDLE_TIME).await;
        assert!(list.place.known().is_none());
        assert_eq!(scale.bytes(), 0);
    }
}
