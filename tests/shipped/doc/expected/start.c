mtty-1 on mtty
